import { closeSync, openSync } from 'node:fs';
import { messageOf } from '../../errors/index.ts';
import { judge, leftOf, type Judged } from './judge.ts';
import { live, type Ground } from './life.ts';
import { settledSample, takeSample, type Sample } from './sample.ts';
import { Subject, type SubjectOptions } from './subject.ts';

export interface SoakOptions extends SubjectOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly rootfs: string;
  /** At each sample. */
  readonly onSample?: (sample: Sample) => void;
}

export interface SoakResult {
  readonly lives: number;
  readonly requests: number;
  /** Of the requests: by what the charts say. */
  readonly refused: number;
  readonly seconds: number;
  readonly samples: readonly Sample[];
  readonly judged: readonly Judged[];
  /** What went wrong, with the seed of its life. */
  readonly errors: readonly string[];
  /** What was left at the end, or at a sample. */
  readonly left: readonly string[];
  /** What the supervisor logged as errors: alarms of its watchdog among them. */
  readonly logged: readonly string[];
}

/** Sandboxes at a time. */
const atOnce = 3;
/** A sample each, of which a quarter is warm-up. */
const fewestRounds = 16;
const mostRounds = 80;
/** In ms: a round that is shorter is mostly waiting for the sample. */
const shortestRound = 2000;

/**
 * Has a supervisor host random lives of sandboxes for so long, looks at what it uses in between, when it hosts none, and ends
 * it. @throws Error when the supervisor does not answer any more
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { minutes, seed, rootfs, onSample = () => undefined } = options;
  const nothing = openSync('/dev/null', 'r+');
  const begun = performance.now();
  const length = minutes * 60_000;
  const round = Math.max(length / mostRounds, Math.min(shortestRound, length / fewestRounds));
  try {
    await using subject = await Subject.start(options);
    const ground: Ground = {
      ...{ root: subject.root, rootfs, supervisor: subject.client, files: [nothing, nothing, nothing] },
      seen: { requests: 0, refused: 0 },
    };
    const errors: string[] = [];
    const left: string[] = [];
    const samples: Sample[] = [];
    let lives = 0;
    const next = async (): Promise<void> => {
      const number = ++lives;
      try {
        await live(ground, `soak-${process.pid}-${number}`, seed + number);
      } catch (error) {
        errors.push(`seed ${seed + number}: ${messageOf(error)}`);
      }
    };
    await next();
    const before = await takeSample(subject, lives);
    while (performance.now() - begun < length) {
      const until = Math.min(performance.now() + round, begun + length);
      const some = async (): Promise<void> => {
        do await next();
        while (performance.now() < until);
      };
      await Promise.all(Array.from({ length: atOnce }, some));
      const sample = await settledSample(subject, lives, before);
      samples.push(sample);
      left.push(...leftOf(before, sample).map((what) => `after ${lives} lives: ${what}`));
      onSample(sample);
    }
    const hosted = await subject.client.call('supervisor.List', null, { timeout: 10_000 });
    left.push(...hosted.map(({ ID }) => `sandbox ${ID}`));
    const how = await subject.stop();
    if (how !== 0) errors.push(`the supervisor ended with ${how}`);
    const logged = subject.logged('error');
    const { requests, refused } = ground.seen;
    const seconds = (performance.now() - begun) / 1000;
    return {
      ...{ lives, requests, refused, seconds, samples, errors, left, logged },
      judged: judge(samples),
    };
  } finally {
    closeSync(nothing);
  }
}

/** Nothing is left, went wrong or grows. */
export const isWell = ({ judged, errors, left, logged }: SoakResult): boolean =>
  errors.length + left.length + logged.length === 0 && judged.every(({ isOver }) => !isOver);
