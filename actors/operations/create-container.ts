import type { ContainerRecord } from '../container/container-record.ts';
import type { CreatePayload } from '../container/create-payload.ts';
import type { Call } from '../call.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

export type CreateWhat = Omit<CreatePayload, 'correlation'>;

/**
 * Makes a container up to OCI's `created`: the root container first, its id being the sandbox's, then others.
 * When it fails, or the asker goes away meanwhile, nothing is left and the id is free again. The files are let go.
 * @throws RunstateError CONTAINER_EXISTS, WRONG_STATE, CANCELLED, DEADLINE, and the platform's own
 */
export async function createContainer(
  system: SandboxSystem,
  cid: string,
  what: CreateWhat,
  call: Call,
): Promise<ContainerRecord> {
  try {
    const refused = cid === system.id ? undefined : system.port.refusal({ type: 'container.create', id: '' });
    if (refused !== undefined) throw refused;
    const record = system.register(cid, call.correlation);
    try {
      await create(system, record, what, call);
    } catch (error) {
      await discard(system, record);
      throw error;
    }
    return record;
  } finally {
    what.files.release();
  }
}

async function create(
  system: SandboxSystem,
  record: ContainerRecord,
  what: CreateWhat,
  { signal, correlation }: Call,
): Promise<void> {
  const payload = { ...what, correlation };
  const options = { signal, correlation, payload };
  if (record.isRoot) {
    await system.port.ask((id) => ({ type: 'create', id }), { ...options, payload: { create: payload } });
    return;
  }
  await system.port.during(
    (id) => ({ type: 'container.create', id }),
    () => record.port.ask((id) => ({ type: 'create', id }), options),
    system.deadlines.sandbox.creating,
    { correlation },
  );
}

/** Frees the id of what could not be created; one that cannot be cleared away stays known, as `leaking`. */
async function discard(system: SandboxSystem, record: ContainerRecord): Promise<void> {
  if (!record.port.alive) return;
  try {
    await record.port.ask((id) => ({ type: 'destroy', id }));
  } catch (error) {
    system.log.error('a container that could not be created was not cleared away', {
      container: record.cid,
      cause: error,
    });
  }
}
