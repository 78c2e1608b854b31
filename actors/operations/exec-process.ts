import type { ExecRequest, StartedProcess } from '../../platforms/platform.ts';
import type { Call } from '../call.ts';
import type { Files } from '../files.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Starts another process in a running container. Its exit status is kept until somebody waits for it. The files
 * are let go when it has started.
 * @throws RunstateError CONTAINER_NOT_FOUND, CONTAINER_NOT_STARTED, WRONG_STATE, COMMAND_NOT_FOUND,
 *   COMMAND_NOT_EXECUTABLE, CANCELLED, DEADLINE, and the platform's own
 */
export async function execProcess(
  system: SandboxSystem,
  cid: string,
  request: Omit<ExecRequest, 'files'>,
  files: Files,
  call: Call,
): Promise<StartedProcess> {
  try {
    const { port, processes } = system.container(cid);
    return await port.during(
      (id) => ({ type: 'exec', id }),
      async (signal) => {
        const started = await system.platform.exec(cid, { ...request, files: files.descriptors }, signal);
        processes.started(started.pid, call.correlation);
        return started;
      },
      system.deadlines.operation.exec,
      call,
    );
  } finally {
    files.release();
  }
}
