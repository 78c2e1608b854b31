/** Random lives of sandboxes, a short run; and that what lives them finds what is wrong. */
import test from 'ava';
import { memoryPlatform } from '../../platforms/memory/index.ts';
import { atOnce, oneAfterAnother } from '../../verify/lives/properties.ts';
import { Faults } from '../actors/support/faults.ts';

const some = { rootfs: '/', runs: 15, seed: 7 };

for (const [clients, property] of [
  ['one client', oneAfterAnother],
  ['several clients at once', atOnce],
] as const)
  test.serial(`${clients}: all ends as the charts say, and nothing is left`, async (t) => {
    const { failure, lives, commands } = await property({ ...some, platform: memoryPlatform() });
    t.is(failure, undefined);
    t.is(lives, some.runs);
    t.true(commands > lives);
  });

test.serial('a platform that cannot freeze is found', async (t) => {
  const faults = new Faults();
  faults.fail('freeze', new Error('planted'));
  const { failure } = await oneAfterAnother({ ...some, runs: 60, platform: faults.platform });
  t.regex(failure ?? '', /pause .*planted/);
});
