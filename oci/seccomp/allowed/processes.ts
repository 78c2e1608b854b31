import { words } from '../words.ts';

/**
 * Processes, threads, their limits and their scheduling. Of making one, `clone` is not here: its flags are looked at.
 * Tracing reaches only processes of the container that its user may signal (kernels before 4.8 let it bypass the filter).
 */
export const processes = words(`
  execve execveat exit exit_group fork futex futex_time64 futex_waitv get_robust_list get_thread_area
  getcpu getpgid getpgrp getpid getppid getpriority getrandom getrlimit getrusage getsid gettid
  ioprio_get ioprio_set pidfd_open pidfd_send_signal prctl prlimit64 process_vm_readv
  process_vm_writev ptrace restart_syscall rseq sched_get_priority_max sched_get_priority_min
  sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
  sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler
  sched_yield set_robust_list set_thread_area set_tid_address setpgid setpriority setrlimit setsid
  syscall sysinfo ugetrlimit uname vfork wait4 waitid waitpid
`);
