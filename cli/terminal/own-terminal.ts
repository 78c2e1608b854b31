import { files, terminal } from '../../native/index.ts';
import type { TerminalSettings, WindowSize } from '../../native/terminal.ts';

/** Standard input, output and error: any of them may be the terminal that the command runs in. */
const standard = [0, 1, 2] as const;

/** The size of the terminal that the command runs in; undefined when it runs in none. */
export function ownSize(): WindowSize | undefined {
  const fd = standard.find((one) => terminal.isTerminal(one));
  if (fd === undefined) return undefined;
  const size = terminal.getWindowSize(fd);
  return size.rows > 0 && size.columns > 0 ? size : undefined;
}

/**
 * The terminal at standard input in raw mode: every key goes to the container. The settings come back when it is
 * disposed, and when the program exits, whichever way. Does nothing when standard input is no terminal.
 */
export class RawMode implements Disposable {
  #saved: TerminalSettings | undefined;
  readonly #onExit = (): void => this[Symbol.dispose]();

  constructor() {
    if (!terminal.isTerminal(0)) return;
    this.#saved = terminal.makeRaw(0);
    process.on('exit', this.#onExit);
  }

  [Symbol.dispose](): void {
    if (this.#saved === undefined) return;
    terminal.restoreTerminal(0, this.#saved);
    this.#saved = undefined;
    process.off('exit', this.#onExit);
    // Watching has made it non-blocking for everyone that shares it, the shell included.
    for (const fd of standard) if (terminal.isTerminal(fd)) files.setNonBlocking(fd, false);
  }
}
