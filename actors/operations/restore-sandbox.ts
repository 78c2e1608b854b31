import type { Call } from '../call.ts';
import { RestoreJob, type RestoreRequest } from '../checkpoint/restore-job.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Makes a sandbox of what a statefile holds: one that has no containers yet, or whose root container is created and
 * is replaced. A file that cannot be restored is refused before anything is touched; when making it fails, nothing is
 * left and the sandbox is destroyed.
 * @throws RunstateError WRONG_STATE, RESTORE_FAILED, CONTAINER_EXISTS, CANCELLED, DEADLINE, and the statefile's own
 */
export async function restoreSandbox(
  system: SandboxSystem,
  request: RestoreRequest,
  call: Call,
): Promise<void> {
  const job = new RestoreJob(system, request);
  try {
    await system.port.ask((id) => ({ type: 'restore', id, hold: request.hold }), {
      ...call,
      payload: { restore: job },
    });
  } finally {
    await job.close();
  }
}
