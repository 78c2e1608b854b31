/** `npm run soak [-- --minutes N --seed S --platform linux|memory]`: a supervisor that has many sandboxes, one after another. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { builtRootfs } from '../../cli/rootfs.ts';
import { report } from './report.ts';
import { isWell, soak } from './soak.ts';

const usage = 'usage: npm run soak [-- --minutes N --seed S --platform linux|memory]';
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    platform: { type: 'string', default: 'linux' },
  },
});
const { platform } = values;
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(seed) || (platform !== 'linux' && platform !== 'memory'))
  throw new Error(usage);
if (platform === 'linux' && (process.getuid?.() !== 0 || !existsSync(builtRootfs)))
  throw new Error('this needs root, and a root file system (npm run setup); or: -- --platform memory');

print(`Lives of sandboxes on platform ${platform} for ${minutes} minutes (seed ${seed})\n`);
const rootfs = platform === 'linux' ? builtRootfs : '/';
const result = await soak({
  ...{ minutes, seed, platform, rootfs },
  onSample: ({ lives, heap, rss, descriptors }) =>
    print(
      `${lives} lives: heap ${(heap / 2 ** 20).toFixed(2)} MiB, resident ${(rss / 2 ** 20).toFixed(1)} MiB, ${descriptors} descriptors`,
    ),
});
print(report(result));
if (!isWell(result)) process.exitCode = 1;
