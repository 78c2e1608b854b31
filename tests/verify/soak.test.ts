/** A short soak on both platforms; and that a soak finds what it is for: something that is kept of each sandbox. */
import test, { type ExecutionContext } from 'ava';
import { judge } from '../../verify/soak/judge.ts';
import type { Sample } from '../../verify/soak/sample.ts';
import { slopeOf } from '../../verify/soak/slope.ts';
import { isWell, soak, type SoakResult } from '../../verify/soak/soak.ts';
import { plants } from '../../verify/soak/planted.ts';
import { real, rootfs } from '../control/support.ts';

const seconds = (count: number): number => count / 60;

/**
 * Nothing is left and nothing went wrong, and what is counted does not grow. Memory is not judged: in so short a time V8
 * compiles, and allocators and caches fill.
 */
function isSound(t: ExecutionContext, { judged, errors, left, logged, lives, requests }: SoakResult): void {
  t.deepEqual({ errors, left, logged }, { errors: [], left: [], logged: [] });
  for (const { name, unit, slope, isOver } of judged)
    if (unit === '') t.false(isOver, `${name}: ${slope.value} ± ${slope.uncertainty}`);
  t.true(lives > 10 && requests > 5 * lives, `${lives} lives, ${requests} requests`);
}

test.serial('a supervisor in memory has many sandboxes, and is as before', async (t) => {
  isSound(t, await soak({ platform: 'memory', minutes: seconds(25), seed: 1, rootfs: '/' }));
});

(real === test ? test.serial : test.serial.skip)(
  'runstate serve has many real sandboxes, and is as before',
  async (t) => {
    isSound(t, await soak({ platform: 'linux', minutes: seconds(35), seed: 1, rootfs }));
  },
);

const finds = { descriptor: 'descriptors', listener: 'listeners', memory: 'heap' } as const;

for (const plant of plants)
  test.serial(`what is planted is found: a ${plant} that is kept of each sandbox`, async (t) => {
    const result = await soak({ platform: 'memory', minutes: seconds(12), seed: 2, rootfs: '/', plant });
    t.false(isWell(result));
    const found = result.judged.find(({ name }) => name === finds[plant]);
    t.true(found?.isOver, `${found?.slope.value ?? 0} ± ${found?.slope.uncertainty ?? 0}`);
    if (plant !== 'memory')
      t.regex(found?.slope.value.toFixed(0) ?? '', /^(9[5-9]\d|10[0-4]\d)$/, 'one each');
    t.deepEqual(result.errors, []);
  });

const sample = (lives: number, heap: number): Sample => ({
  ...{ lives, heap, code: 0, external: 0, rss: 0, handles: 9, listeners: 9 },
  ...{ descriptors: 20, processes: 0, mounts: 1, namespaces: 8, files: 3 },
});

test('a slope has an uncertainty, which is larger where neighbours are alike', (t) => {
  const line = slopeOf([0, 1, 2, 3].map((x) => ({ x, y: 2 * x + 1 })));
  t.true(Math.abs(line.value - 2) < 1e-9 && line.uncertainty < 1e-9);
  // By R: lm(c(1,3,2,5,4,6) ~ c(1:6)), 0.8857 ± 2.776 × 0.2321 (its neighbours are opposites).
  const spread = slopeOf([1, 3, 2, 5, 4, 6].map((y, index) => ({ x: index + 1, y })));
  t.true(Math.abs(spread.value - 0.8857) < 1e-3, String(spread.value));
  t.true(Math.abs(spread.uncertainty - 2.776 * 0.2321) < 2e-2, String(spread.uncertainty));
  const wave = (period: number) =>
    slopeOf(Array.from({ length: 40 }, (_, x) => ({ x, y: Math.sin((2 * Math.PI * x) / period) })));
  t.true(wave(20).uncertainty > 1.5 * wave(2.1).uncertainty);
  t.throws(() => slopeOf([{ x: 1, y: 1 }]), { instanceOf: RangeError });
});

test('what is judged is what grows after the warm-up, by more than its uncertainty', (t) => {
  const heapOf = (samples: readonly Sample[]) => judge(samples).find(({ name }) => name === 'heap');
  const lives = Array.from({ length: 20 }, (_, index) => index * 100);
  const noise = (index: number): number => ((index * 7919) % 13) * 1024;
  const warming = lives.map((count, index) => sample(count, index < 5 ? index * 1e7 : 5e7 + noise(index)));
  t.false(heapOf(warming)?.isOver, 'it has grown before');
  const leaking = lives.map((count, index) => sample(count, 5e7 + count * 1024 + noise(index)));
  t.true(heapOf(leaking)?.isOver, 'a kilobyte each');
  t.true(Math.abs((heapOf(leaking)?.slope.value ?? 0) - 1000) < 20);
});
