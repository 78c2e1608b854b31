/** The life of the fault campaign once more, saved and made again after each of its steps. */
import { saveAtEveryStep } from '../../verify/saves/save-at-every-step.ts';
import { real, rootfs } from '../cli/support.ts';

real('saved, destroyed and restored after every step, a sandbox lives as if it had not been', async (t) => {
  t.timeout(120_000);
  const saves = await saveAtEveryStep(rootfs);
  t.true(saves.length >= 11, `${saves.length} saves`);
  t.log(saves.map(({ after, took }) => `${after}: ${took.toFixed(0)} ms`));
});
