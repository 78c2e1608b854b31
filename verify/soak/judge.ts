import { atRest, type Sample } from './sample.ts';
import { slopeOf, type Slope } from './slope.ts';

/** How much more a supervisor may use after a thousand more sandboxes, and how it is shown. */
export interface Measure {
  readonly name: string;
  readonly of: (sample: Sample) => number;
  readonly unit: string;
  /** Undefined of what is shown only: code has its bounds by what there is to compile. */
  readonly limit: number | undefined;
}

const KiB = 1024;

/**
 * A supervisor that has a sandbox each second for a month has 2.6 million. With 100 KiB of heap, or of buffers, for a
 * thousand of them it would have grown by 250 MiB, which is what we would still restart it for. The kernel's view of memory
 * is coarser, as allocators keep what is freed: its limit finds what is lost outside of V8's sight, from 1 KiB a sandbox
 * on. A descriptor, a handle or a listener is not kept by chance: one for a thousand sandboxes is a mistake in itself.
 */
export const measures: readonly Measure[] = [
  { name: 'heap', of: ({ heap }) => heap / KiB, unit: 'KiB', limit: 100 },
  { name: 'code', of: ({ code }) => code / KiB, unit: 'KiB', limit: undefined },
  { name: 'external', of: ({ external }) => external / KiB, unit: 'KiB', limit: 100 },
  { name: 'resident', of: ({ rss }) => rss / KiB, unit: 'KiB', limit: 1024 },
  { name: 'descriptors', of: ({ descriptors }) => descriptors, unit: '', limit: 1 },
  { name: 'handles', of: ({ handles }) => handles, unit: '', limit: 1 },
  { name: 'listeners', of: ({ listeners }) => listeners, unit: '', limit: 1 },
];

export interface Judged extends Measure {
  readonly first: number;
  readonly last: number;
  /** For a thousand lives. */
  readonly slope: Slope;
  /** More than the limit, by more than the uncertainty. */
  readonly isOver: boolean;
}

/** The share of the samples that are left out, in which caches fill and V8 compiles. */
const warmUp = 0.25;

/** Those that a slope is made of. */
export const afterWarmUp = (samples: readonly Sample[]): readonly Sample[] =>
  samples.slice(Math.ceil(samples.length * warmUp));

/** @param samples in their order @throws RangeError for too few */
export function judge(samples: readonly Sample[]): readonly Judged[] {
  const taken = afterWarmUp(samples);
  return measures.map((measure) => {
    const slope = slopeOf(taken.map((one) => ({ x: one.lives / 1000, y: measure.of(one) })));
    const [first, last] = [taken[0], taken.at(-1)];
    if (first === undefined || last === undefined) throw new RangeError('there are no samples');
    const isOver = slope.value - slope.uncertainty > (measure.limit ?? Infinity);
    return { ...measure, first: measure.of(first), last: measure.of(last), slope, isOver };
  });
}

/** What there is more of than after the first life, which makes what all have. */
export const leftOf = (before: Sample, after: Sample): readonly string[] =>
  atRest
    .filter((key) => after[key] > before[key])
    .map((key) => `${after[key]} ${key}, before ${before[key]}`);
