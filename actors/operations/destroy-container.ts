import type { Call } from '../call.ts';
import { within } from './within.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Kills all processes of a container, waits for them and removes everything; of the root container: of the sandbox.
 * Idempotent while it runs: all who ask are answered by its end. It goes on when the asker goes away.
 * @throws RunstateError CONTAINER_NOT_FOUND; LEAKED or DEADLINE when something is left: another destroy tries again
 */
export async function destroyContainer(system: SandboxSystem, cid: string, call: Call): Promise<void> {
  if (cid === system.id) {
    await destroySandbox(system, call);
    return;
  }
  const record = system.container(cid);
  if (record.port.alive) {
    await record.port.ask((id) => ({ type: 'destroy', id }), call);
    return;
  }
  // Its actor was given up: only the platform is left to ask.
  await system.platform.destroy(cid, call.signal);
  system.forget(record);
}

/** Destroys all containers of a sandbox and what they share. @throws as {@link destroyContainer} */
export async function destroySandbox(system: SandboxSystem, call: Call): Promise<void> {
  if (system.port.alive) await system.port.ask((id) => ({ type: 'destroy', id }), call);
  else await within(call.signal, () => system.destroyWithoutChart());
}
