import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { summarize } from './statistics.ts';

const containers = 100;
const observers = [0, 1, 10] as const;

/** What it costs to be watched: transitions a second of a sandbox of 100 containers. Rows: observers, rate, of that without any. */
export async function inspected(rounds: number): Promise<string[][]> {
  const supervisor = new Lines('observed-supervisor', String(containers));
  try {
    const root = await supervisor.next();
    const rates = new Map<number, number[]>(observers.map((count) => [count, []]));
    // In turn, as a machine is faster at one time than at another.
    for (let round = 0; round < rounds; round++)
      for (const count of observers) rates.get(count)?.push(await rateWith(supervisor, root, count));
    const medians = observers.map((count) => summarize(rates.get(count) ?? []).median);
    const alone = medians[0] ?? 0;
    return observers.map((count, index) => {
      const rate = medians[index] ?? 0;
      return [String(count), String(Math.round(rate)), `${((rate / alone) * 100).toFixed(1)} %`];
    });
  } finally {
    await supervisor.end();
  }
}

async function rateWith(supervisor: Lines, root: string, count: number): Promise<number> {
  const watching = count === 0 ? undefined : new Lines('observers', root, String(count));
  try {
    await watching?.next();
    supervisor.say('go');
    return Number(await supervisor.next());
  } finally {
    await watching?.end();
  }
}

/** A program that is talked to in lines. */
class Lines {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #iterator: AsyncIterator<string>;

  constructor(name: string, ...args: readonly string[]) {
    const file = fileURLToPath(new URL(`${name}.js`, import.meta.url));
    const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout });
    this.#iterator = this.#lines[Symbol.asyncIterator]();
  }

  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** @throws Error when it has ended */
  async next(): Promise<string> {
    const next = await this.#iterator.next();
    if (next.done === true) throw new Error('it has ended');
    return next.value;
  }

  async end(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    this.#lines.close();
  }
}
