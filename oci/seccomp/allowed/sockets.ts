import { words } from '../words.ts';

/**
 * Sockets once they are made; `socket` itself is not here: its family is looked at. 32-bit programs reach it by
 * `socketcall`, whose arguments lie in memory, where a filter cannot look.
 */
export const sockets = words(`
  accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg
  recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair
`);
