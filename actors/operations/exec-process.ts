import { RunstateError, isError } from '../../errors/index.ts';
import type { ExecRequest, StartedProcess } from '../../platforms/platform.ts';
import type { Call } from '../call.ts';
import type { Files } from '../files.ts';
import { workFor } from '../port/work-for.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/** What the runtime says of a container that ended under it names the runtime's own things. */
function ended(cid: string, state: string, cause: unknown): unknown {
  if (isError(cause, 'COMMAND_NOT_FOUND') || isError(cause, 'COMMAND_NOT_EXECUTABLE')) return cause;
  return new RunstateError('WRONG_STATE', { verb: 'exec in', kind: 'container', id: cid, state }, { cause });
}

/**
 * Starts another process in a running container. Its exit status is kept until somebody waits for it. The files
 * are let go when it has started.
 * @throws RunstateError CONTAINER_NOT_FOUND, CONTAINER_NOT_STARTED, WRONG_STATE, COMMAND_NOT_FOUND,
 *   COMMAND_NOT_EXECUTABLE, CANCELLED, DEADLINE, OPERATION_FAILED when a pause cut it short, and the platform's own
 */
export async function execProcess(
  system: SandboxSystem,
  cid: string,
  request: Omit<ExecRequest, 'files'>,
  files: Files,
  call: Call,
): Promise<StartedProcess> {
  try {
    const { port, processes, execs } = system.container(cid);
    return await port.during(
      (id) => ({ type: 'exec', id }),
      async (outer) => {
        using exec = execs.begin(outer);
        workFor(exec.signal, call.correlation);
        try {
          const what = { ...request, files: files.descriptors };
          const started = await system.platform.exec(cid, what, exec.signal);
          processes.started(started.pid, call.correlation);
          return started;
        } catch (cause) {
          if (!exec.isCut) throw port.hasTag('ended') ? ended(cid, port.state, cause) : cause;
          const why = 'the container was to be paused, and it was not done in time';
          throw new RunstateError(
            'OPERATION_FAILED',
            { verb: 'exec in', kind: 'container', id: cid, why },
            { cause },
          );
        }
      },
      system.deadlines.operation.exec,
      call,
    );
  } finally {
    files.release();
  }
}
