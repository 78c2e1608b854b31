import { fromWaitStatus, toExitCode } from '../../platforms/exit-status.ts';
import { errorCodeOf, type ContainerState, type ControlClient } from '../../transport/client/index.ts';
import { printError } from '../output/print.ts';

/** As runc's for a status that nobody knows. */
const unknown = 255;

/**
 * Waits for a process and gives its exit code as a shell would: 128 + n for signal n. Without `pid`: the container's
 * init. Waits as long as it takes. @throws RunstateError of the server
 */
export async function waitForExit(client: ControlClient, cid: string, pid?: number): Promise<number> {
  try {
    return toExitCode(
      fromWaitStatus(
        await (pid === undefined
          ? client.call('containerManager.Wait', cid)
          : client.call('containerManager.WaitPID', { CID: cid, PID: pid })),
      ),
    );
  } catch (error) {
    if (errorCodeOf(error) !== 'STATUS_UNKNOWN' || !(error instanceof Error)) throw error;
    printError(`runstate: ${error.message}`);
    return unknown;
  }
}

/** A container's state as people are shown it: its exit status as {@link waitForExit} gives it, not as the kernel does. */
export function shownState<S extends Pick<ContainerState, 'exitStatus'>>(state: S): S {
  if (state.exitStatus === undefined) return state;
  return { ...state, exitStatus: toExitCode(fromWaitStatus(state.exitStatus)) };
}
