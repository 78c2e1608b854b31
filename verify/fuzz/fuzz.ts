import { messageOf } from '../../errors/index.ts';
import { BlockCoverage } from './coverage.ts';
import { readCorpus } from './corpus.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import type { OpenTarget, Target } from './target.ts';

export interface FuzzResult {
  readonly target: string;
  readonly tried: number;
  /** In ms. */
  readonly took: number;
  /** Of the project's code, that the inputs have reached. */
  readonly blocks: number;
  /** Inputs that have reached something that none before had. */
  readonly found: readonly Buffer[];
  readonly violation: Violation | undefined;
}

export interface Violation {
  readonly input: Buffer;
  readonly why: string;
}

export interface FuzzOptions {
  /** In ms. */
  readonly time: number;
  readonly seed: number;
}

/** In ms: what takes longer hangs. */
const deadline = 10_000;
/** Between two looks at what was reached: a look costs more than an input. */
const batch = 50;

/** Gives a target the seeds, what is kept, and what is made of them, until the time is up or one is a violation. */
export async function fuzz(target: Target, { time, seed }: FuzzOptions): Promise<FuzzResult> {
  const random = new Random(seed);
  const opened = await target.open();
  using coverage = new BlockCoverage();
  const corpus = [...(await target.seeds()), ...readCorpus(target)];
  const found: Buffer[] = [];
  const began = performance.now();
  let tried = 0;
  const result = (violation: Violation | undefined): FuzzResult => {
    const took = performance.now() - began;
    return { target: target.name, tried, took, blocks: coverage.size, found, violation };
  };
  try {
    for (const input of corpus) {
      tried += 1;
      const why = await wrong(opened, input);
      if (why !== undefined) return result({ input, why });
    }
    coverage.takeNew();
    while (performance.now() - began < time) {
      const inputs = Array.from({ length: batch }, () =>
        mutate(random.of(corpus), random.of(corpus), random),
      );
      for (const input of inputs) {
        tried += 1;
        const why = await wrong(opened, input);
        if (why !== undefined) return result({ input, why });
      }
      if (coverage.takeNew() === 0) continue;
      // One of them did: they are mutated further, and those that do it alone are told.
      corpus.push(...inputs);
      found.push(...inputs.slice(0, 1));
    }
    return result(undefined);
  } finally {
    await opened.close();
  }
}

/** Why an input is a violation; undefined when it is none. */
export async function wrong({ read }: OpenTarget, input: Buffer): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`it took longer than ${deadline} ms`), deadline);
  });
  try {
    const reading = read(input);
    if (reading === undefined) return undefined;
    return await Promise.race([reading.then(() => undefined), late]);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? messageOf(error)) : String(error);
  } finally {
    clearTimeout(timer);
  }
}
