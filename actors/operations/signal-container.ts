import type { SignalTarget } from '../../platforms/platform.ts';
import type { Call } from '../call.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';
import { callingFor } from '../port/work-for.ts';
import { within } from './within.ts';

/**
 * Delivers a signal to processes of a container; number 0 only probes. What is frozen gets it when it is thawed,
 * SIGKILL excepted where the kernel can kill what is frozen.
 * @throws RunstateError CONTAINER_NOT_FOUND, CONTAINER_NOT_STARTED, WRONG_STATE, SIGNAL_FAILED, BAD_SIGNAL
 */
export async function signalContainer(
  system: SandboxSystem,
  cid: string,
  target: SignalTarget,
  signo: number,
  call: Call,
): Promise<void> {
  await system.container(cid).port.during(
    (id) => ({ type: 'signal', id }),
    (signal) =>
      within(signal, () => callingFor(call.correlation, () => system.platform.signal(cid, target, signo))),
    system.deadlines.operation.signal,
    call,
  );
}
