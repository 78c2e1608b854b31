import { RunstateError, isError, messageOf } from '../../errors/index.ts';
import type { RequestId } from '../../machines/replies.ts';
import type { CheckpointJob } from '../checkpoint/checkpoint-job.ts';
import type { RestoreJob } from '../checkpoint/restore-job.ts';
import type { ContainerRecord } from '../container/container-record.ts';
import { correlationOf } from '../port/correlation.ts';
import { until } from '../port/until.ts';
import type { SandboxWork } from './sandbox-logic.ts';
import type { SandboxSystem } from './sandbox-system.ts';

const SIGKILL = 9;
const settled = (state: string): boolean => state !== 'creating' && state !== 'starting';
const ended = (state: string): boolean => state === 'stopped' || state === 'leaking' || state === 'destroyed';

/** What a sandbox's chart does: to all of its containers, through their charts, and to what they share. */
export function sandboxWork(system: SandboxSystem): SandboxWork {
  return {
    open: async (_input, signal) => {
      await system.openPlatform(signal);
    },

    createRoot: async ({ request }, signal) => {
      const payload = system.port.payload(request)?.create;
      if (payload === undefined) throw new Error('a root container is to be created from nothing');
      await system
        .container(system.id)
        .port.ask((id) => ({ type: 'create', id }), { signal, payload, correlation: payload.correlation });
    },

    startRoot: async ({ request }, signal) => {
      const asking = onBehalfOf(request, signal);
      await system.container(system.id).port.ask((id) => ({ type: 'start', id }), asking);
    },

    hold: async ({ request }, signal) => {
      const asking = onBehalfOf(request, signal);
      await Promise.all(system.containers.map((record) => hold(record, asking)));
    },

    freeze: async ({ request }, signal) => {
      await system.platform.freeze(undefined, signal);
      const { correlation } = onBehalfOf(request, signal);
      for (const { port } of system.containers) port.tell({ type: 'frozen' }, correlation);
    },

    thaw: async ({ request }, signal) => {
      await system.platform.thaw(undefined, signal);
      const { correlation } = onBehalfOf(request, signal);
      for (const { port } of system.containers) {
        port.tell({ type: 'thawed' }, correlation);
        port.tell({ type: 'release' }, correlation);
      }
    },

    dump: ({ request }, signal) => checkpointOf(system, request).dump(signal),
    write: ({ request }, signal) => checkpointOf(system, request).write(signal),
    clear: ({ request }, signal) => clear(system, onBehalfOf(request, signal)),
    stage: ({ request }, signal) => restoreOf(system, request).stage(signal),
    load: ({ request }, signal) => restoreOf(system, request).load(signal),

    end: async (_input, signal) => {
      const others = system.containers.filter((record) => !record.isRoot);
      await Promise.all(others.map((record) => kill(system, record, signal)));
      // A frozen process dies of its SIGKILL when it is thawed.
      await system.platform.thaw(undefined, signal);
      for (const { port } of system.containers) port.tell({ type: 'thawed' });
      await Promise.all(
        others.map((record) => until(record.port, (state) => ended(state) || state === 'registered', signal)),
      );
    },

    destroy: async ({ request }, signal) => {
      const asking = onBehalfOf(request, signal);
      const others = system.containers.filter((record) => !record.isRoot);
      const outcomes = await Promise.allSettled(others.map((record) => destroy(system, record, asking)));
      const root = system.containers.find((record) => record.isRoot);
      if (root !== undefined) outcomes.push(...(await Promise.allSettled([destroy(system, root, asking)])));
      outcomes.push(...(await Promise.allSettled([system.closePlatform(signal)])));
      const errors = outcomes.flatMap((outcome): unknown[] =>
        outcome.status === 'rejected' ? [outcome.reason] : [],
      );
      if (errors.length > 0) throw leaked(system.id, errors);
      system.release();
    },
  };
}

interface Asking {
  readonly signal: AbortSignal;
  readonly correlation?: string;
}

/** What the containers are asked for is part of the sandbox's request. */
function onBehalfOf(request: RequestId | undefined, signal: AbortSignal): Asking {
  return request === undefined ? { signal } : { signal, correlation: correlationOf(request) };
}

function checkpointOf(system: SandboxSystem, request: RequestId | undefined): CheckpointJob {
  const job = system.port.payload(request)?.checkpoint;
  if (job === undefined) throw new Error('a checkpoint is to be made that nobody asked for');
  return job;
}

function restoreOf(system: SandboxSystem, request: RequestId | undefined): RestoreJob {
  const job = system.port.payload(request)?.restore;
  if (job === undefined) throw new Error('a restore is to be done that nobody asked for');
  return job;
}

/** What was saved goes: its processes, and what they held. */
async function clear(system: SandboxSystem, { signal, correlation }: Asking): Promise<void> {
  const { containers, platform } = system;
  for (const { port } of containers) port.tell({ type: 'checkpointed' }, correlation);
  await Promise.all(
    containers.filter(({ isRoot }) => !isRoot).map(({ cid }) => platform.destroy(cid, signal)),
  );
  await platform.destroy(system.id, signal);
}

/** Lets a running container come to a stand between execs. One that is not running needs nothing. */
async function hold(record: ContainerRecord, asking: Asking): Promise<void> {
  await until(record.port, settled, asking.signal);
  if (record.port.state !== 'running') return;
  try {
    await record.port.ask((id) => ({ type: 'suspend', id }), asking);
  } catch (error) {
    if (!record.port.hasTag('ended')) throw error;
  }
}

async function kill(system: SandboxSystem, record: ContainerRecord, signal: AbortSignal): Promise<void> {
  await until(record.port, settled, signal);
  if (!record.port.hasTag('alive')) return;
  try {
    await system.platform.signal(record.cid, { kind: 'all' }, SIGKILL);
  } catch (error) {
    // It was quicker: what ended needs no killing.
    if (!isError(error, 'SIGNAL_FAILED')) throw error;
  }
}

/** Through its chart; without one (its actor was given up) by the platform alone. */
async function destroy(system: SandboxSystem, record: ContainerRecord, asking: Asking): Promise<void> {
  if (record.port.alive) {
    await record.port.ask((id) => ({ type: 'destroy', id }), asking);
    return;
  }
  await system.platform.destroy(record.cid, asking.signal);
  system.forget(record);
}

function leaked(id: string, errors: readonly unknown[]): RunstateError {
  return new RunstateError(
    'LEAKED',
    { kind: 'sandbox', id, left: errors.map(messageOf) },
    { cause: errors.length === 1 ? errors[0] : new AggregateError(errors) },
  );
}
