import {
  readAllStats,
  readControlFile,
  writeControlFile,
} from '../../actors/operations/inspect-container.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import type { Watchdog } from '../../actors/watchdog/index.ts';
import { isError, messageOf } from '../../errors/index.ts';
import type { ControlFilesResult, MemoryUsage } from '../methods/index.ts';
import type { Handlers } from '../server/index.ts';
import { actorCall } from './call.ts';
import { metricsText } from './metrics.ts';
import type { ServerView } from './server-view.ts';

/** What is used, and the cgroups that limit it. */
export function resourceHandlers(system: SandboxSystem, view: ServerView, watchdog?: Watchdog): Handlers {
  return {
    'Usage.Collect': async ({ Full }, call) => {
      const all = [...(await readAllStats(system, actorCall(call))).values()];
      const sum = (of: (memory: (typeof all)[number]['memory']) => bigint): bigint =>
        all.reduce((total, { memory }) => total + of(memory), 0n);
      const total = sum(({ usage }) => usage);
      if (!Full) return { ...nothing, Unknown: total, Total: total };
      const parts = {
        System: sum(({ kernel }) => kernel),
        Anonymous: sum(({ rss }) => rss),
        PageCache: sum(({ cache }) => cache),
      };
      const known = parts.System + parts.Anonymous + parts.PageCache;
      return { ...nothing, ...parts, Unknown: known > total ? 0n : total - known, Total: total };
    },
    'Metrics.Export': async ({ only_metrics }, call) => ({
      text: await metricsText(system, { view, watchdog }, only_metrics, actorCall(call)),
    }),
    'Cgroups.ReadControlFiles': ({ CID, args }, call) =>
      each(args, ({ file }) => readControlFile(system, CID === '' ? system.id : CID, file, actorCall(call))),
    'Cgroups.WriteControlFiles': ({ CID, args }, call) =>
      each(args, async ({ file, value }) => {
        await writeControlFile(system, CID === '' ? system.id : CID, file, value, actorCall(call));
        return '';
      }),
  };
}

const nothing: MemoryUsage = {
  ...{
    Unknown: 0n,
    System: 0n,
    Anonymous: 0n,
    PageCache: 0n,
    Mapped: 0n,
    Tmpfs: 0n,
    Ramdiskfs: 0n,
    Total: 0n,
  },
};

/** One after the other, in their order; what is wrong with a file is its own result, as in the original. */
async function each<A>(args: readonly A[], act: (one: A) => Promise<string>): Promise<ControlFilesResult> {
  const results: ControlFilesResult['results'][number][] = [];
  for (const one of args) {
    try {
      results.push({ value: await act(one), is_error: false });
    } catch (error) {
      if (!isError(error, 'CONTROL_FILE') && !isError(error, 'CONTROLLER_NOT_ACTIVE')) throw error;
      results.push({ value: messageOf(error), is_error: true });
    }
  }
  return { results };
}
