import { performance } from 'node:perf_hooks';
import type { Transition } from '../../actors/port/port.ts';

/** Something that should have been true was not. */
export class TourFailure extends Error {
  override readonly name = 'TourFailure';
}

/** Tells a newcomer what happens, as it happens: every line with the time since the tour began. */
export class Narrator {
  readonly #write: (text: string) => void;
  readonly #isColoured: boolean;
  readonly #begun = performance.now();
  #checks = 0;

  constructor(write: (text: string) => void, isColoured: boolean) {
    this.#write = write;
    this.#isColoured = isColoured;
  }

  /** How many things were checked to be true. */
  get checks(): number {
    return this.#checks;
  }

  /** Begins a chapter. */
  title(number: number, text: string): void {
    this.#write(`\n${this.#paint('1', `${number}. ${text}`)}\n`);
  }

  say(text: string): void {
    this.#line('', text);
  }

  /** A request goes out. */
  request(method: string, argument: string): void {
    this.#line('→', `${method} ${this.#paint('2', argument)}`);
  }

  /** Its reply came in, after so many milliseconds. */
  reply(method: string, text: string, ms: number): void {
    this.#line('←', `${method} ${this.#paint('2', text)} ${this.#paint('36', `${ms.toFixed(1)} ms`)}`);
  }

  transition({ kind, id, from, to }: Transition): void {
    const what = `${kind} ${id}`.padEnd(22);
    this.#line(' ', `    ${what} ${from === '' ? '' : `${from} `}→ ${this.#paint('33', to)}`);
  }

  /** @throws TourFailure when it is not true */
  check(isTrue: boolean, text: string): void {
    if (!isTrue) {
      this.#line(this.#paint('31', '✗'), text);
      throw new TourFailure(`this was not so: ${text}`);
    }
    this.#checks += 1;
    this.#line(this.#paint('32', '✓'), text);
  }

  #line(mark: string, text: string): void {
    const at = (performance.now() - this.#begun).toFixed(0).padStart(6);
    this.#write(`${this.#paint('2', `${at} ms`)}  ${mark.padEnd(1)} ${text}\n`);
  }

  #paint(code: string, text: string): string {
    return this.#isColoured ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}
