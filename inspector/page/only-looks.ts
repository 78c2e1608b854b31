import type { Row } from '../../observation/timeline.ts';

/** Methods that change nothing: a page that shows what a container uses asks one of them every second. */
const looking: ReadonlySet<string> = new Set([
  ...['runstate.State', 'runstate.List', 'runstate.Stats', 'containerManager.Processes'],
  ...['containerManager.Event', 'containerManager.ContainerRuntimeState', 'debug.Stacks', 'Usage.Collect'],
  ...['Metrics.Export', 'containerManager.ProcfsDump', 'Cgroups.ReadControlFiles', 'Fs.Read'],
]);

/** True for a call of which nothing came but an answer. */
export const onlyLooks = (row: Row): boolean =>
  row.type === 'span' && row.outcome !== 'failed' && looking.has(row.method) && row.parts.length === 0;
