import { words } from '../words.ts';

/** System V and POSIX queues, semaphores and shared memory: an ipc namespace keeps them inside the container. */
export const ipc = words(`
  ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend
  mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop
  semtimedop_time64 shmat shmctl shmdt shmget
`);
