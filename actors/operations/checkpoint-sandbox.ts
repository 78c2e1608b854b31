import type { Call } from '../call.ts';
import { CheckpointJob, type CheckpointRequest } from '../checkpoint/checkpoint-job.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Saves all of a sandbox to one file. It is complete when this resolves, and the processes are gone unless they are
 * left running; when it rejects, the sandbox is as it was.
 * @throws RunstateError WRONG_STATE, CHECKPOINT_REFUSED, CHECKPOINT_FAILED, CANCELLED, DEADLINE, and the statefile's own
 */
export async function checkpointSandbox(
  system: SandboxSystem,
  request: CheckpointRequest,
  call: Call,
): Promise<void> {
  const job = new CheckpointJob(system, request);
  try {
    await system.port.ask((id) => ({ type: 'checkpoint', id, leaveRunning: request.leaveRunning }), {
      ...call,
      payload: { checkpoint: job },
    });
    system.checkpoints.tell();
  } catch (error) {
    system.checkpoints.tell(error);
    throw error;
  } finally {
    await job.close();
  }
}
