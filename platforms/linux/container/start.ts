import { failPoint } from '../../../faults/fault-point.ts';
import { messageOf } from '../../../errors/index.ts';
import { setTimeout as after } from 'node:timers/promises';
import { cancelled, isAborted } from '../../cancelled.ts';
import { Program, type Handed } from '../init/index.ts';
import { hostPidOf } from '../proc/index.ts';
import type { Runtime } from '../runc/runtime.ts';
import { markStarted, wasStarted } from './waits-for-start.ts';
import type { LinuxContainer } from './linux-container.ts';

/**
 * Runs the program of a created container.
 * @param pids lists the container's processes, in the host's numbering
 * @throws RunstateError as Runtime.run; where runstate-init starts the program COMMAND_NOT_FOUND,
 *   COMMAND_NOT_EXECUTABLE and SYSTEM, too
 */
export async function startByRuntime(
  container: LinuxContainer,
  runtime: Runtime,
  pids: () => Promise<readonly number[]>,
  signal: AbortSignal,
): Promise<void> {
  const { cid, handover } = container;
  const run = async (): Promise<void> => {
    try {
      await runtime.run('start', [], cid, signal);
    } catch (error) {
      // It may have been killed when it had done its work.
      if (container.initPid === undefined || !wasStarted(container.initPid)) throw error;
      markStarted(runtime.stateOf(cid));
      container.log.warn('the runtime died when it had started a container', {
        container: cid,
        cause: messageOf(error),
      });
    }
  };
  if (handover === undefined) {
    await run();
    if (container.isAdopted && container.helper !== undefined) await lookForProgram(container, pids);
    return;
  }
  const close = (): void => handover.close();
  let waitsFor = 'the runtime';
  signal.addEventListener('abort', close, { once: true });
  try {
    const find = async (pid: number): Promise<number | undefined> => hostPidOf(await pids(), pid);
    const meeting = handover.meet(container.command, find, container.initPid ?? 0);
    meeting.then(
      (handed) => hold(container, handed),
      () => undefined,
    );
    await run();
    waitsFor = 'runstate-init';
    await meeting;
  } catch (error) {
    if (!isAborted(signal)) throw error;
    container.log.warn('a start was given up', { container: cid, waitsFor });
    throw cancelled('start', cid, signal);
  } finally {
    signal.removeEventListener('abort', close);
    handover.close();
    container.handover = undefined;
  }
}

/** Ms between two looks, and how many of them. */
const pause = 5;
const looks = 40;

/**
 * Of a container that another supervisor has made: with that its end of the handover has gone, so that runstate-init
 * starts the program by itself. One that ends sooner than it is seen is known by its init alone.
 */
async function lookForProgram(
  container: LinuxContainer,
  pids: () => Promise<readonly number[]>,
): Promise<void> {
  for (let look = 0; look < looks && container.init !== undefined; look++) {
    container.program = await Program.find(container.initPid ?? 0, await pids());
    if (container.program !== undefined) break;
    await after(pause);
  }
  container.keep();
}

function hold(container: LinuxContainer, { pid, hostPid, pidfd }: Handed): void {
  container.program = new Program(pid, hostPid, pidfd);
  try {
    failPoint('start.handed');
    container.keep();
  } catch (error) {
    // It runs, and is found by its parent, too.
    container.log.warn('a program is not known to whoever takes over', {
      container: container.cid,
      cause: messageOf(error),
    });
  }
}
