/** A short run of `npm run fuzz`; and that it finds what is planted. */
import test from 'ava';
import { fuzz } from '../../verify/fuzz/fuzz.ts';
import type { Target } from '../../verify/fuzz/target.ts';
import { targets } from '../../verify/fuzz/targets/index.ts';

for (const target of targets)
  test.serial(`whatever comes, it is read or refused: ${target.name}`, async (t) => {
    t.timeout(60_000);
    const { violation, tried, blocks, found } = await fuzz(target, { time: 3000, seed: 1 });
    t.is(violation?.why, undefined, violation?.input.toString('latin1').slice(0, 1000));
    t.true(tried > 20 && blocks > 0, `${tried} inputs, ${blocks} blocks`);
    t.log(`${tried} inputs, ${found.length} of use`);
  });

const reads = (read: (text: string) => void): Target => ({
  name: 'planted',
  seeds: () => Promise.resolve([Buffer.from('{"a":1}')]),
  open: () =>
    Promise.resolve({
      read: (input) => read(input.toString('latin1')),
      close: () => Promise.resolve(),
    }),
});

test.serial('an error that is none of the catalogue is found', async (t) => {
  const planted = reads((text) => {
    if (text.includes('__proto__')) throw new TypeError('planted');
  });
  const { violation } = await fuzz(planted, { time: 10_000, seed: 1 });
  t.regex(violation?.why ?? '', /TypeError: planted/);
  t.true(violation?.input.includes('__proto__'));
});
