import { RunstateError } from '../../errors/index.ts';
import type { SignalTarget } from '../platform.ts';
import { lastSignal } from './default-action.ts';
import type { MemoryContainer } from './memory-container.ts';
import type { MemoryProcess } from './memory-process.ts';

/**
 * Delivers a signal; 0 only probes.
 * @throws RunstateError SIGNAL_FAILED when there is no such process, or no such signal
 */
export function signalTarget(container: MemoryContainer, target: SignalTarget, signo: number): void {
  const { cid } = container;
  const pid = 'pid' in target ? (target.pid ?? 0) : 0;
  const failed = (why: string): RunstateError => new RunstateError('SIGNAL_FAILED', { cid, pid, why });
  const processes = targeted(container, target);
  if (processes.length === 0) throw failed('no such process');
  if (!Number.isInteger(signo) || signo < 0 || signo > lastSignal) throw failed('invalid argument');
  if (target.kind === 'foreground')
    throw failed('no foreground process group: it has no controlling terminal');
  for (const process of processes) process.signal(signo);
}

function targeted(container: MemoryContainer, target: SignalTarget): readonly MemoryProcess[] {
  if (target.kind === 'all') return container.processes;
  const process =
    target.kind === 'init' || target.pid === undefined ? container.init : container.process(target.pid);
  return process === undefined ? [] : [process];
}
