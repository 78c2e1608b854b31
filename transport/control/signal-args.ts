import { RunstateError } from '../../errors/index.ts';
import type { SignalTarget } from '../../platforms/platform.ts';
import type { SignalArgs } from '../methods/index.ts';

const invalid = (what: string): RunstateError => new RunstateError('INVALID_ARGUMENT', { what });

/**
 * Which processes are meant: the modes of SignalDeliveryMode in runsc/boot/controller.go, with the checks and words
 * of the original's loader.
 * @throws RunstateError INVALID_ARGUMENT, BAD_SIGNAL
 */
export function signalTarget({ PID, Mode, Signo }: SignalArgs): SignalTarget {
  if (PID < 0) throw invalid(`PID (${PID}) must be positive`);
  // Linux has 1 to 64; 0 asks whether the target is there (kill(2)).
  if (Signo < 0 || Signo > 64) throw new RunstateError('BAD_SIGNAL', { signal: String(Signo) });
  switch (Mode) {
    case 0:
      return PID === 0 ? { kind: 'init' } : { kind: 'process', pid: PID };
    case 1:
      if (PID !== 0) throw invalid(`PID (${PID}) must not be set when signaling all processes`);
      return { kind: 'all' };
    case 2:
      return { kind: 'foreground', pid: PID === 0 ? undefined : PID };
    default:
      throw invalid(`unknown signal delivery mode: ${Mode}`);
  }
}
