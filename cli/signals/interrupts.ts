import { constants } from 'node:os';
import { ExitError } from '../errors/exit-code.ts';

/**
 * The signals that people and service managers end or poke programs with. The rest is left as it is: SIGTSTP stops
 * us as the shell means it, SIGWINCH is the terminal's, and what a fault raises is our own.
 */
const forwarded = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;
type Forwarded = (typeof forwarded)[number];

/**
 * The signals that come to us while a command is at work. At first one of them aborts `signal`, so that what is half
 * made is cleared away; once `forward` is called they go on to the container's process.
 */
export class Interrupts implements Disposable {
  readonly #abort = new AbortController();
  readonly #onSignal = (name: Forwarded): void => this.#received(name);
  #send: ((signo: number) => void) | undefined;
  readonly #held: number[] = [];

  constructor() {
    for (const name of forwarded) process.on(name, this.#onSignal);
  }

  /** Aborted with an ExitError of 128 + n. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The program may have started: from now on signals are its own, and are kept until there is a way to pass them on. */
  hold(): void {
    this.#send = (signo) => this.#held.push(signo);
  }

  /** From now on signals are passed to `send`, which must not throw, by number; first those that were kept. */
  forward(send: (signo: number) => void): void {
    this.#send = send;
    for (const signo of this.#held.splice(0)) send(signo);
  }

  [Symbol.dispose](): void {
    for (const name of forwarded) process.off(name, this.#onSignal);
  }

  #received(name: Forwarded): void {
    const signo = constants.signals[name];
    if (this.#send === undefined) this.#abort.abort(new ExitError(128 + signo, `interrupted by ${name}`));
    else this.#send(signo);
  }
}
