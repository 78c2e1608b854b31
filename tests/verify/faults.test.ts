/** A part of `npm run verify:faults`, another one each day: whatever goes wrong, what was answered holds and nothing is left. */
import { allDisturbances } from '../../verify/faults/all.ts';
import { live } from '../../verify/faults/campaign.ts';
import { real, rootfs } from '../cli/support.ts';

/** One in so many is tried. */
const share = 12;

real('what goes wrong costs nothing', async (t) => {
  t.timeout(300_000);
  // An init that is killed at any moment is for the whole campaign: whether it ends in a step or after it is chance.
  const all = (await allDisturbances(rootfs)).filter(({ mayEnd }) => mayEnd !== true);
  const today = Math.floor(Date.now() / 86_400_000) % share;
  const chosen = all.filter((_one, i) => i % share === today);
  const kinds = new Map<string, number>();
  for (const disturbance of chosen) {
    const { violation, step } = await live(rootfs, disturbance);
    t.is(
      violation,
      undefined,
      `npm run verify:faults -- ${JSON.stringify(disturbance.name)} (${step ?? ''})`,
    );
    kinds.set(disturbance.kind, (kinds.get(disturbance.kind) ?? 0) + 1);
  }
  t.log(Object.fromEntries(kinds));
  t.true(chosen.length > 40, `${chosen.length} of ${all.length}`);
});
