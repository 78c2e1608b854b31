/**
 * A supervisor of one sandbox on the memory platform, that is watched: `watched-supervisor ROOT ID LOG`. A line on its standard
 * input plants a defect: `spin MS` blocks its event loop by JavaScript, `sleep MS` by a call that lets nobody in. An end of the
 * input ends it, when nothing keeps it alive.
 */
import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { makeRoot } from '../../../actors/run-directory/index.ts';
import { Supervisor } from '../../../actors/supervisor/index.ts';
import { Watchdog } from '../../../actors/watchdog/index.ts';
import { winstonLogger } from '../../../log/winston-logger.ts';
import { memoryPlatform } from '../../../platforms/memory/index.ts';
import { serveSandboxes } from '../../../transport/control/index.ts';
import { call } from './system.ts';

const [root = '', id = '', file = ''] = process.argv.slice(2);
const place = { level: 'info', format: 'json', file } as const;
const log = winstonLogger(place);
makeRoot(root);
const watchdog: Watchdog = new Watchdog({
  ...{ log, place: { ...place, fields: {} } },
  systems: () => supervisor.sandboxes.map(({ system }) => system),
});
const supervisor = new Supervisor({
  ...{ root, log, platform: memoryPlatform(), serve: serveSandboxes(root, { watchdog }) },
});
const { gone } = await supervisor.boot(id, call());
watchdog.start();
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [how, ms = '0'] = line.split(' ');
  if (how === 'spin') plantedSpin(Number(ms));
  else execFileSync('sleep', [String(Number(ms) / 1000)]);
}
await supervisor.destroyAll(call());
await gone;
// Nothing is said to the watchdog: it is not to keep this process alive.

function plantedSpin(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}
