/** What a signal does to a process that has no handler for it: signal(7). */
export type DefaultAction = 'end' | 'stop' | 'continue' | 'nothing';

export const SIGKILL = 9;
export const SIGCONT = 18;
export const SIGSTOP = 19;
/** SIGTSTP, SIGTTIN and SIGTTOU from the terminal. */
const stopping: ReadonlySet<number> = new Set([SIGSTOP, 20, 21, 22]);
/** SIGCHLD, SIGURG and SIGWINCH; 0 only probes. */
const nothing: ReadonlySet<number> = new Set([0, 17, 23, 28]);
/** SIGRTMAX. */
export const lastSignal = 64;

export function defaultAction(signo: number): DefaultAction {
  if (signo === SIGCONT) return 'continue';
  if (stopping.has(signo)) return 'stop';
  return nothing.has(signo) ? 'nothing' : 'end';
}
