import { words } from '../words.ts';

/** Waiting for many files at once. io_uring is not among them: it does system calls past the filter. */
export const waiting = words(`
  _newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait
  epoll_wait_old eventfd eventfd2 io_cancel io_destroy io_getevents io_setup io_submit poll ppoll
  ppoll_time64 pselect6 pselect6_time64 select
`);
