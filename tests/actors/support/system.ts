/** A sandbox at work on a platform in memory, and what is asked of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Call } from '../../../actors/call.ts';
import { defaultDeadlines, type Deadlines } from '../../../actors/deadlines.ts';
import { noFiles } from '../../../actors/files.ts';
import { createContainer } from '../../../actors/operations/create-container.ts';
import { destroySandbox } from '../../../actors/operations/destroy-container.ts';
import { execProcess } from '../../../actors/operations/exec-process.ts';
import { openSandbox } from '../../../actors/operations/open-sandbox.ts';
import { startContainer } from '../../../actors/operations/start-container.ts';
import type { Transition } from '../../../actors/port/port.ts';
import { SandboxSystem } from '../../../actors/sandbox/sandbox-system.ts';
import { silent, type LogFields, type Logger } from '../../../log/logger.ts';
import type { StartedProcess } from '../../../platforms/platform.ts';
import { soon, until } from '../../support/waiting.ts';
import { Faults } from './faults.ts';

export const call = (more: Partial<Call> = {}): Call => ({
  signal: new AbortController().signal,
  correlation: 'test',
  log: silent,
  ...more,
});

export interface Logged {
  readonly message: string;
  readonly fields: LogFields;
}

export interface Bench {
  readonly id: string;
  readonly system: SandboxSystem;
  readonly faults: Faults;
  readonly transitions: readonly Transition[];
  /** Lines of errors. */
  readonly errors: readonly Logged[];
  readonly create: (cid: string, args?: readonly string[], by?: Partial<Call>) => Promise<void>;
  readonly start: (cid: string, by?: Partial<Call>) => Promise<void>;
  readonly run: (cid: string, args?: readonly string[]) => Promise<void>;
  readonly exec: (cid: string, args: readonly string[], by?: Partial<Call>) => Promise<StartedProcess>;
  /** The chart's state. */
  readonly state: (cid?: string) => string;
  /** Waits for the chart's state; throws after a while. */
  readonly reaches: (state: string, cid?: string) => Promise<void>;
}

export const forever = ['sleep', 'infinity'] as const;

let count = 0;

/** An open, empty sandbox that goes with the test, whatever was planted in its platform. */
export async function open(t: ExecutionContext, deadlines: Deadlines = defaultDeadlines): Promise<Bench> {
  const bench = make(t, deadlines);
  await openSandbox(bench.system, call());
  return bench;
}

/** As {@link open}, not opened. */
export function make(t: ExecutionContext, deadlines: Deadlines = defaultDeadlines): Bench {
  count += 1;
  const id = `s${count}`;
  const directory = mkdtempSync(join(tmpdir(), 'rs-actors-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  // As a supervisor's sockets do: a deadline that is all there is to wait for does not keep a process.
  const alive = setInterval(() => undefined, 1000);
  t.teardown(() => clearInterval(alive));
  const faults = new Faults();
  const transitions: Transition[] = [];
  const errors: Logged[] = [];
  const system = new SandboxSystem({
    id,
    directory,
    platform: faults.platform,
    log: logger(errors),
    deadlines,
  });
  system.observe((transition) => transitions.push(transition));
  t.teardown(async () => {
    for (const step of ['destroy', 'close', 'thaw', 'signal', 'freeze'] as const) faults.mend(step);
    if (system.port.alive) await destroySandbox(system, call({ signal: soon() }));
  });
  const state = (cid?: string) => (cid === undefined ? system.port.state : system.container(cid).port.state);
  const bench: Bench = {
    ...{ id, system, faults, transitions, errors, state },
    create: async (cid, args = forever, by = {}) => {
      const spec = { ociVersion: '1.0.2', process: { args, cwd: '/' } };
      const what = { request: { bundle: '/', spec }, files: noFiles() };
      await createContainer(system, cid, what, call(by));
    },
    start: (cid, by = {}) => startContainer(system, cid, call(by)),
    run: async (cid, args) => {
      await bench.create(cid, args);
      await bench.start(cid);
    },
    exec: (cid, args, by = {}) =>
      execProcess(system, cid, { process: { args, cwd: '/' } }, noFiles(), call(by)),
    reaches: (wanted, cid) =>
      until(
        () => state(cid) === wanted,
        `${cid ?? 'the sandbox'} did not come to be ${wanted}: ${state(cid)}`,
      ),
  };
  return bench;
}

/** All of them so long, but those that are given. */
export function deadlines(
  container: Partial<Deadlines['container']> = {},
  sandbox: Partial<Deadlines['sandbox']> = {},
  operation: Partial<Deadlines['operation']> = {},
): Deadlines {
  return {
    container: { ...defaultDeadlines.container, ...container },
    sandbox: { ...defaultDeadlines.sandbox, ...sandbox },
    operation: { ...defaultDeadlines.operation, ...operation },
  };
}

function logger(errors: Logged[]): Logger {
  const own: Logger = {
    ...silent,
    error: (message, fields = {}) => {
      errors.push({ message, fields });
    },
    child: () => own,
  };
  return own;
}

/** The message with which it is rejected. */
export async function refusal(t: ExecutionContext, asked: Promise<unknown>): Promise<string> {
  return (await t.throwsAsync(asked)).message;
}
