/**
 * Methods that change nothing: a page that shows what a container uses asks one of them every second. What is kept of the
 * past is kept for the others.
 */
const looks: ReadonlySet<string> = new Set([
  ...['runstate.State', 'runstate.List', 'runstate.Stats', 'containerManager.Processes'],
  ...['containerManager.Event', 'containerManager.ContainerRuntimeState', 'debug.Stacks', 'Usage.Collect'],
  ...['Metrics.Export', 'containerManager.ProcfsDump', 'Cgroups.ReadControlFiles', 'Fs.Read'],
]);

export const isLook = (method: string): boolean => looks.has(method);
