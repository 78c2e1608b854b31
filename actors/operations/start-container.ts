import type { Call } from '../call.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';
import type { CreateWhat } from './create-container.ts';

/**
 * Runs the user program of a container that is created; of the root container: of the sandbox.
 * @throws RunstateError CONTAINER_NOT_FOUND, WRONG_STATE, CANCELLED, DEADLINE, and the platform's own
 */
export async function startContainer(system: SandboxSystem, cid: string, call: Call): Promise<void> {
  const { port, isRoot } = system.container(cid);
  const refused = port.refusal({ type: 'start', id: '' });
  if (refused !== undefined) throw refused;
  if (isRoot) await system.port.ask((id) => ({ type: 'start', id }), call);
  else
    await system.port.during(
      (id) => ({ type: 'container.start', id }),
      () => port.ask((id) => ({ type: 'start', id }), call),
      system.deadlines.sandbox.starting,
      { correlation: call.correlation },
    );
}

/**
 * Creates and starts, in one step, a sub-container whose id was registered, as the original's `Start` does.
 * When the creation fails the id stays registered. The files are let go.
 * @throws as {@link startContainer}
 */
export async function createAndStartContainer(
  system: SandboxSystem,
  cid: string,
  what: CreateWhat,
  call: Call,
): Promise<void> {
  try {
    const { port } = system.container(cid);
    const refused = port.refusal({ type: 'create', id: '', start: true });
    if (refused !== undefined) throw refused;
    const { correlation } = call;
    await system.port.during(
      (id) => ({ type: 'container.start', id }),
      () =>
        port.ask((id) => ({ type: 'create', id, start: true }), {
          ...call,
          payload: { ...what, correlation },
        }),
      system.deadlines.sandbox.creating + system.deadlines.sandbox.starting,
      { correlation },
    );
  } finally {
    what.files.release();
  }
}
