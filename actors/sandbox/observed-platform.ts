import { faultPoint } from '../../faults/fault-point.ts';
import type { PlatformSandbox } from '../../platforms/platform.ts';
import { messageOf } from '../../errors/index.ts';
import { currentRequest, requestOf } from '../port/work-for.ts';

/** Something that the platform does: its beginning, then its end. */
export interface Step {
  readonly at: number;
  readonly phase: 'began' | 'succeeded' | 'failed';
  /** The same of its beginning and its end. */
  readonly number: number;
  readonly name: string;
  /** A container; "" for what is done to the sandbox as a whole. */
  readonly id: string;
  readonly correlation: string | undefined;
  /** Milliseconds, of one that has ended. */
  readonly duration?: number;
  /** Of one that failed. */
  readonly error?: string;
}

/** What changes something; looking at a container is nothing to tell. */
type Told =
  'create' | 'start' | 'exec' | 'signal' | 'freeze' | 'thaw' | 'save' | 'load' | 'network' | 'destroy';

export interface StepListener {
  /** Before it is done. Throws: then it is not. */
  readonly intend: (step: Step) => void;
  /** Must not throw. */
  readonly tell: (step: Step) => void;
}

/** A platform that tells what it does, and is otherwise the same. */
export function observedPlatform(platform: PlatformSandbox, { intend, tell }: StepListener): PlatformSandbox {
  let count = 0;
  const during = async <T>(
    name: Told,
    id: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> => {
    count += 1;
    const step = { number: count, name, id, correlation: requestOf(signal) ?? currentRequest() };
    const begun = performance.now();
    const told = (): { readonly at: number; readonly duration: number } => ({
      at: Date.now(),
      duration: Math.round((performance.now() - begun) * 10) / 10,
    });
    const began: Step = { ...step, at: Date.now(), phase: 'began' };
    intend(began);
    tell(began);
    faultPoint(`${name}.intended`);
    try {
      const result = await work();
      faultPoint(`${name}.done`);
      tell({ ...step, ...told(), phase: 'succeeded' });
      return result;
    } catch (error) {
      tell({ ...step, ...told(), phase: 'failed', error: messageOf(error) });
      throw error;
    }
  };
  return {
    inspection: platform.inspection,
    create: (request, signal) =>
      during('create', request.cid, signal, () => platform.create(request, signal)),
    start: (cid, signal) => during('start', cid, signal, () => platform.start(cid, signal)),
    exec: (cid, request, signal) => during('exec', cid, signal, () => platform.exec(cid, request, signal)),
    signal: (cid, target, signo) =>
      during('signal', cid, undefined, () => platform.signal(cid, target, signo)),
    freeze: (cid, signal) => during('freeze', cid ?? '', signal, () => platform.freeze(cid, signal)),
    thaw: (cid, signal) => during('thaw', cid ?? '', signal, () => platform.thaw(cid, signal)),
    processes: (cid) => platform.processes(cid),
    stats: (cid) => platform.stats(cid),
    waitProcess: (cid, pid, signal) => platform.waitProcess(cid, pid, signal),
    save: (request, signal) => during('save', '', signal, () => platform.save(request, signal)),
    load: (request, signal) => during('load', '', signal, () => platform.load(request, signal)),
    network: (request, signal) => during('network', '', signal, () => platform.network(request, signal)),
    destroy: (cid, signal) => during('destroy', cid, signal, () => platform.destroy(cid, signal)),
    close: (signal) => platform.close(signal),
  };
}
