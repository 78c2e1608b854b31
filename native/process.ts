/**
 * Processes by pidfd (pidfd_open(2)): a handle that never means another process. All functions throw a
 * {@link SystemError}. Wait statuses are Linux's (wait(2)).
 */
import { binding } from './binding.ts';

/** Orphaned descendants become children of this process from now on (PR_SET_CHILD_SUBREAPER). */
export function becomeSubreaper(on = true): void {
  binding().setSubreaper(on);
}

/** A close-on-exec pidfd, the caller's to close. ESRCH when there is no such process. Readable (see Watch) when the process has ended. */
export function openPidfd(pid: number): number {
  return binding().openPidfd(pid);
}

/** Sends a signal; 0 only probes. ESRCH when the process has been reaped. */
export function signalPidfd(pidfd: number, signo: number): void {
  binding().signalPidfd(pidfd, signo);
}

/**
 * The wait status of a child that has ended, undefined while it runs. Reaps it, unless `leave` is set. Never waits,
 * and never looks at a child of anybody else: Node's own children stay Node's. ECHILD when the process is not (or
 * no longer) a child of this one: then try {@link pidfdExitStatus}.
 */
export function waitPidfd(pidfd: number, options: { readonly leave?: boolean } = {}): number | undefined {
  const status = binding().waitPidfd(pidfd, options.leave ?? false);
  return status < 0 ? undefined : status;
}

/**
 * The wait status that the kernel kept of a process that has ended and was reaped by anybody (PIDFD_GET_INFO, Linux
 * 6.15 and later). Undefined where the kernel does not know: an older one, or not ended and reaped yet.
 */
export function pidfdExitStatus(pidfd: number): number | undefined {
  const status = binding().pidfdExitStatus(pidfd);
  return status < 0 ? undefined : status;
}

/**
 * Ends the repair of a TCP connection (TCP_REPAIR of linux/tcp.h) that is a process's descriptor; whatever else that is
 * stays as it is. Gives whether it was one. ESRCH and EBADF when there is no such process or descriptor.
 */
export function endTcpRepair(pidfd: number, fd: number): boolean {
  return binding().endTcpRepair(pidfd, fd);
}

/** kill(2): also groups (negative) and signal 0. Prefer a pidfd where there is one. */
export function kill(pid: number, signo: number): void {
  binding().kill(pid, signo);
}
