import type { PlatformInspection } from '../../platforms/inspection.ts';
import type { PlatformSandbox } from '../../platforms/platform.ts';
import type { Deadlines } from '../deadlines.ts';
import type { PlatformCalls } from './platform-calls.ts';

/**
 * A platform whose calls are counted while they are under way, and is otherwise the same. Those that take no signal have
 * the limit of the work that they are part of.
 */
export function watchedPlatform(
  platform: PlatformSandbox,
  calls: PlatformCalls,
  { signal: signalLimit, inspect }: Deadlines['operation'],
): PlatformSandbox {
  const by = <T>(name: string, id: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
    calls.during({ name, id, signal, limit: undefined }, work);
  const within = <T>(name: string, id: string, limit: number, work: () => Promise<T>): Promise<T> =>
    calls.during({ name, id, signal: undefined, limit }, work);
  return {
    inspection: watchedInspection(platform.inspection, (name, id, work) => within(name, id, inspect, work)),
    create: (request, signal) => by('create', request.cid, signal, () => platform.create(request, signal)),
    start: (cid, signal) => by('start', cid, signal, () => platform.start(cid, signal)),
    exec: (cid, request, signal) => by('exec', cid, signal, () => platform.exec(cid, request, signal)),
    signal: (cid, target, signo) =>
      within('signal', cid, signalLimit, () => platform.signal(cid, target, signo)),
    freeze: (cid, signal) => by('freeze', cid ?? '', signal, () => platform.freeze(cid, signal)),
    thaw: (cid, signal) => by('thaw', cid ?? '', signal, () => platform.thaw(cid, signal)),
    processes: (cid) => within('processes', cid, inspect, () => platform.processes(cid)),
    stats: (cid) => within('stats', cid, inspect, () => platform.stats(cid)),
    waitProcess: (cid, pid, signal) =>
      by('waitProcess', cid, signal, () => platform.waitProcess(cid, pid, signal)),
    save: (request, signal) => by('save', '', signal, () => platform.save(request, signal)),
    load: (request, signal) => by('load', '', signal, () => platform.load(request, signal)),
    network: (request, signal) => by('network', '', signal, () => platform.network(request, signal)),
    destroy: (cid, signal) => by('destroy', cid, signal, () => platform.destroy(cid, signal)),
    close: (signal) => by('close', '', signal, () => platform.close(signal)),
  };
}

type Watch = <T>(name: string, id: string, work: () => Promise<T>) => Promise<T>;

function watchedInspection(inspection: PlatformInspection, watch: Watch): PlatformInspection {
  return {
    observe: (cid) => watch('observe', cid, () => inspection.observe(cid)),
    madeFrom: (cid) => watch('madeFrom', cid, () => inspection.madeFrom(cid)),
    stacks: (cid) => watch('stacks', cid, () => inspection.stacks(cid)),
    procfs: (cid) => watch('procfs', cid, () => inspection.procfs(cid)),
    readControlFile: (cid, file) =>
      watch('readControlFile', cid, () => inspection.readControlFile(cid, file)),
    writeControlFile: (cid, file, value) =>
      watch('writeControlFile', cid, () => inspection.writeControlFile(cid, file, value)),
    openFile: (cid, path) => watch('openFile', cid, () => inspection.openFile(cid, path)),
    traceCalls: (options) => watch('traceCalls', '', () => inspection.traceCalls(options)),
  };
}
