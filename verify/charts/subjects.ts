import { containerMachine, connectionMachine, processMachine, sandboxMachine } from '../../machines/index.ts';
import type { Subject } from './subject.ts';

const status = { kind: 'exited', code: 0 };

const container: Subject = {
  machine: containerMachine,
  input: { cid: 'c', isRoot: false },
  requests: (id) => [
    { type: 'create', id },
    { type: 'create', id, start: true },
    { type: 'start', id },
    { type: 'pause', id },
    { type: 'resume', id },
    { type: 'restore', id },
    { type: 'suspend', id },
    { type: 'wait', id },
    { type: 'destroy', id },
  ],
  operations: (id) => [
    { type: 'exec', id },
    { type: 'signal', id },
    { type: 'inspect', id },
  ],
  facts: () => [
    { type: 'release' },
    { type: 'frozen' },
    { type: 'thawed' },
    { type: 'checkpointed' },
    { type: 'loaded', isStarted: true, pausedAlone: false },
    { type: 'loaded', isStarted: true, pausedAlone: true },
    { type: 'loaded', isStarted: true, pausedAlone: false, status },
    { type: 'loaded', isStarted: false, pausedAlone: false },
    { type: 'exited', status },
    { type: 'oomKilled', count: 1 },
  ],
  destroy: (id) => ({ type: 'destroy', id }),
  forget: ['oomKills'],
};

const sandbox: Subject = {
  machine: sandboxMachine,
  input: { sandbox: 's' },
  requests: (id) => [
    { type: 'open', id },
    { type: 'create', id },
    { type: 'start', id },
    { type: 'pause', id },
    { type: 'resume', id },
    { type: 'checkpoint', id, leaveRunning: true },
    { type: 'checkpoint', id, leaveRunning: false },
    { type: 'restore', id, hold: true },
    { type: 'restore', id, hold: false },
    { type: 'destroy', id },
  ],
  operations: (id) => [
    { type: 'container.create', id },
    { type: 'container.start', id },
    { type: 'container.pause', id },
    { type: 'container.resume', id },
    { type: 'network', id },
  ],
  facts: () => [{ type: 'rootEnded' }],
  destroy: (id) => ({ type: 'destroy', id }),
  forget: [],
};

const process: Subject = {
  machine: processMachine,
  input: { cid: 'c', pid: 7 },
  requests: (id) => [{ type: 'wait', id }],
  operations: () => [],
  facts: () => [{ type: 'exited', status }],
  destroy: () => ({ type: 'discard' }),
  forget: [],
};

const connection: Subject = {
  machine: connectionMachine,
  input: undefined,
  requests: () => [],
  operations: () => [],
  facts: () => [{ type: 'request' }, { type: 'replied' }, { type: 'closeRequested' }],
  destroy: () => ({ type: 'hangup' }),
  forget: [],
};

export const subjects: Readonly<Record<string, Subject>> = { sandbox, container, process, connection };
