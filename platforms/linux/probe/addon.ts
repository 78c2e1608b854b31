import { existsSync } from 'node:fs';
import { builtFile, processes } from '../../../native/index.ts';
import type { ProbeCheck } from '../../platform.ts';

export function checkAddon(): readonly ProbeCheck[] {
  // Loads it; what it throws says what to do.
  processes.kill(process.pid, 0);
  const absent = ['ctty', 'runstate-init'].filter((name) => !existsSync(builtFile(name)));
  if (absent.length === 0) return [{ name: 'addon', verdict: 'ok', detail: 'built, and it loads' }];
  return [
    {
      name: 'addon',
      verdict: 'limited',
      detail: `the helper programs ${absent.join(' and ')} are not built`,
      remedy: 'npm run setup',
    },
  ];
}
