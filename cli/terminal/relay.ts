import { setTimeout as after } from 'node:timers/promises';
import { files, isSystemError, terminal } from '../../native/index.ts';
import { ExitError } from '../errors/exit-code.ts';
import { BrokenPipeError } from '../output/print.ts';
import { RawMode, ownSize } from './own-terminal.ts';
import { Endpoint, Pump } from './pump.ts';

/** What a process wrote before it ended is read until the terminal has been silent for so long, in ms. */
const silence = 100;
/** A process left behind may write for ever: it is listened to for at most so long, in ms. */
const longestDrain = 2000;

/** What a terminal takes for the end of input. */
const endOfInput = Buffer.from([4]);
const endAgain = 250;

/**
 * Joins our own standard input and output to a container's terminal: keys one way, output the other, and changes of
 * our window's size. Our own terminal is raw meanwhile.
 */
export class TerminalRelay implements Disposable {
  readonly #master: number;
  readonly #raw = new RawMode();
  readonly #ends: readonly Endpoint[];
  readonly #pumps: readonly [input: Pump, output: Pump];
  readonly #resize = (): void => copySize(this.#master);
  readonly #outputEnded: Promise<void>;
  /** Rejects when our own side has gone: ExitError for the terminal, BrokenPipeError for the output. */
  readonly broken: Promise<never>;
  #isClosed = false;
  #again: NodeJS.Timeout | undefined;

  /** @param master the terminal's master end, ours from now on */
  constructor(master: number) {
    this.#master = master;
    copySize(master);
    process.on('SIGWINCH', this.#resize);
    let breakOff: (error: Error) => void = () => undefined;
    let endOutput: () => void = () => undefined;
    this.broken = new Promise((_, reject) => (breakOff = reject));
    this.#outputEnded = new Promise((resolve) => (endOutput = resolve));
    // Whoever waits for the process looks at it; one that does not has nothing to lose.
    this.broken.catch(() => undefined);
    const [input, output, theirs] = [new Endpoint(0), new Endpoint(1), new Endpoint(master)];
    this.#ends = [input, output, theirs];
    this.#pumps = [
      new Pump(input, theirs, (error) => {
        if (isSystemError(error, 'EIO') || (error === undefined && terminal.isTerminal(0)))
          breakOff(new ExitError(128 + 1, new Error('the terminal was closed')));
        else if (error !== undefined) breakOff(toError(error));
        else this.#sendEndOfInput();
      }),
      new Pump(theirs, output, (error) => {
        // EIO: the last process that had the terminal open has closed it.
        if (error === undefined || isSystemError(error, 'EIO')) endOutput();
        else if (isSystemError(error, 'EPIPE'))
          breakOff(new BrokenPipeError('standard output was closed', { cause: error }));
        else breakOff(toError(error));
      }),
    ];
  }

  /** After the process has ended: waits until what it wrote has been passed on. */
  async drain(): Promise<void> {
    const [, output] = this.#pumps;
    const deadline = performance.now() + longestDrain;
    for (let seen = -1; seen !== output.bytes && performance.now() < deadline;) {
      seen = output.bytes;
      await Promise.race([this.#outputEnded, after(silence)]);
    }
  }

  /** Gives our own terminal back as it was. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#again);
    process.off('SIGWINCH', this.#resize);
    for (const pump of this.#pumps) pump.stop();
    for (const end of this.#ends) end[Symbol.dispose]();
    this.#raw[Symbol.dispose]();
    files.close(this.#master);
  }

  /**
   * Input that is no terminal ends without a key for it: readers in the container shall see its end, too. Not only
   * once: a shell that sets its terminal up as it starts loses what came before.
   */
  #sendEndOfInput(): void {
    try {
      files.write(this.#master, endOfInput);
      this.#again = setTimeout(() => this.#sendEndOfInput(), endAgain);
    } catch (error) {
      // Nobody has the terminal open any more.
      if (!isSystemError(error, 'EIO')) throw error;
    }
  }
}

function copySize(master: number): void {
  const size = ownSize();
  if (size !== undefined) terminal.setWindowSize(master, size);
}

const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
