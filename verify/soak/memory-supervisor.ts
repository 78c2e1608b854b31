/** `runstate serve` on the memory platform: `memory-supervisor ROOT LOG [PLANT]`. */
import { nanoid } from 'nanoid';
import { makeRoot } from '../../actors/run-directory/index.ts';
import { Supervisor } from '../../actors/supervisor/index.ts';
import { Watchdog } from '../../actors/watchdog/index.ts';
import { winstonLogger } from '../../log/winston-logger.ts';
import { memoryPlatform } from '../../platforms/memory/index.ts';
import { serveSandboxes, serveSupervisor } from '../../transport/control/index.ts';
import { leaky, plants } from './planted.ts';

const [root = '', file = '', planted] = process.argv.slice(2);
const plant = plants.find((one) => one === planted);
if (file === '' || (planted !== undefined && plant === undefined))
  throw new Error('usage: memory-supervisor ROOT LOG [PLANT]');
// What is planted is to be counted, not warned of.
if (plant === 'listener') process.setMaxListeners(0);
const place = { level: 'info', format: 'text', file } as const;
const log = winstonLogger(place);
makeRoot(root);
const watchdog: Watchdog = new Watchdog({
  ...{ log, place: { ...place, fields: {} } },
  systems: () => supervisor.sandboxes.map(({ system }) => system),
});
const supervisor = new Supervisor({
  ...{ root, log, serve: serveSandboxes(root, { levels: log, watchdog }) },
  platform: plant === undefined ? memoryPlatform() : leaky(memoryPlatform(), plant),
});
let shutDown: () => void = () => undefined;
const asked = new Promise<void>((resolve) => (shutDown = resolve));
process.once('SIGTERM', () => shutDown());
const server = await serveSupervisor(supervisor, log, shutDown);
watchdog.start();
await asked;
await server.stop({ timeout: 2000 });
await supervisor.destroyAll({ signal: new AbortController().signal, correlation: nanoid(), log });
await watchdog[Symbol.asyncDispose]();
