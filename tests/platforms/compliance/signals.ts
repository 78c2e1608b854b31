/** Signals, and waiting for processes that no exec made. */
import { setTimeout as after } from 'node:timers/promises';
import { isError } from '../../../errors/index.ts';
import { isStatus } from '../../../platforms/exit-status.ts';
import type { SignalTarget } from '../../../platforms/platform.ts';
import { soon, until } from '../../support/waiting.ts';
import {
  SIGKILL,
  SIGTERM,
  exited,
  open,
  signaled,
  type Declare,
  type Opened,
  type Subject,
} from './subject.ts';

const SIGCONT = 18;
const SIGSTOP = 19;
const SIGWINCH = 28;

export function signals(test: Declare, subject: Subject): void {
  const { programs, name } = subject;

  test(`${name}: a signal to what is not there, or that is none, is refused by name; 0 only probes`, async (t) => {
    const { id, sandbox, run, exit, told } = await open(t, subject);
    await run(id, programs.forever);
    const refused = async (target: SignalTarget, signo: number, message: RegExp): Promise<void> => {
      const error = await t.throwsAsync(sandbox.signal(id, target, signo));
      t.true(isError(error, 'SIGNAL_FAILED'), String(error));
      t.regex(error.message, message);
    };
    await refused(
      { kind: 'process', pid: 4000 },
      SIGTERM,
      /container "comply-.*" PID 4000: no such process$/,
    );
    await refused({ kind: 'process', pid: 4000 }, 0, /no such process$/);
    await refused({ kind: 'init' }, 900, /PID 0: invalid argument$/);
    await refused({ kind: 'foreground', pid: undefined }, SIGTERM, /no controlling terminal$/);
    await sandbox.signal(id, { kind: 'init' }, 0);
    await sandbox.signal(id, { kind: 'process', pid: 1 }, 0);
    await sandbox.signal(id, { kind: 'all' }, 0);
    t.deepEqual(told, []);
    await sandbox.signal(id, { kind: 'init' }, SIGKILL);
    await exit(id);
    for (const kind of ['init', 'all'] as const) await refused({ kind }, SIGTERM, /no such process$/);
    await refused({ kind: 'process', pid: 1 }, SIGTERM, /no such process$/);
  });

  test(`${name}: a signal has its default action, from which init is spared`, async (t) => {
    const { id, sandbox, run, exec, exit, hasEnded } = await open(t, subject);
    await run(id, programs.forever);
    const { pid } = await exec(id, programs.forever);
    await sandbox.signal(id, { kind: 'process', pid }, SIGWINCH);
    await sandbox.signal(id, { kind: 'init' }, SIGTERM);
    await sandbox.signal(id, { kind: 'process', pid: 1 }, SIGTERM);
    await after(50);
    t.false(hasEnded(id) || hasEnded(id, pid));
    await sandbox.signal(id, { kind: 'process', pid }, SIGTERM);
    t.deepEqual(await exit(id, pid), signaled(SIGTERM));
    await sandbox.signal(id, { kind: 'process', pid: 1 }, SIGKILL);
    t.deepEqual(await exit(id), signaled(SIGKILL));
  });

  test(`${name}: a program may handle a signal, also as init`, async (t) => {
    const { id, sandbox, run, exit, hasEnded } = await open(t, subject);
    await run(id, programs.traps(SIGTERM, 7));
    // Until it is ready it is spared, as any init.
    await until(async () => {
      if (!hasEnded(id)) await sandbox.signal(id, { kind: 'init' }, SIGTERM).catch(ignoreEnded);
      return hasEnded(id);
    }, 'the handler was never called');
    t.deepEqual(await exit(id), exited(7));
  });

  test(`${name}: an init that only waits to be started is killed, and that is told`, async (t) => {
    const { id, sandbox, create, exit } = await open(t, subject);
    await create(id, programs.forever);
    await sandbox.signal(id, { kind: 'init' }, SIGKILL);
    t.deepEqual(await exit(id), signaled(SIGKILL));
    await sandbox.destroy(id, soon());
  });

  test(`${name}: a signal to all reaches every process`, async (t) => {
    const opened = await open(t, subject);
    const { id, sandbox, run, exec, exit, hasEnded, told } = opened;
    await run(id, programs.forks);
    await run('other', programs.forever);
    const execs = [await exec(id, programs.forever), await exec(id, programs.forever)];
    const child = await childOf(opened);
    await sandbox.signal(id, { kind: 'all' }, SIGTERM);
    for (const { pid } of execs) t.deepEqual(await exit(id, pid), signaled(SIGTERM));
    await until(
      async () => (await sandbox.processes(id)).every(({ pid }) => pid !== child),
      'the child lives on',
    );
    t.false(hasEnded(id), 'init is spared');
    await sandbox.signal(id, { kind: 'all' }, SIGKILL);
    t.deepEqual(await exit(id), signaled(SIGKILL));
    t.false(hasEnded('other'));
    t.is(told.length, 3, 'of a process that no exec made nothing is told');
  });

  test(`${name}: a stopped process takes signals when it is continued, but SIGKILL at once`, async (t) => {
    const { id, sandbox, run, exec, exit, hasEnded } = await open(t, subject);
    await run(id, programs.forever);
    const one = await exec(id, programs.forever);
    const two = await exec(id, programs.forever);
    for (const { pid } of [one, two]) await sandbox.signal(id, { kind: 'process', pid }, SIGSTOP);
    // A kernel stops a process when that next runs: what comes before may end it.
    await after(100);
    for (const { pid } of [one, two]) await sandbox.signal(id, { kind: 'process', pid }, SIGTERM);
    await after(50);
    t.false(hasEnded(id, one.pid) || hasEnded(id, two.pid));
    await sandbox.signal(id, { kind: 'process', pid: one.pid }, SIGCONT);
    t.deepEqual(await exit(id, one.pid), signaled(SIGTERM));
    await sandbox.signal(id, { kind: 'process', pid: two.pid }, SIGKILL);
    t.deepEqual(await exit(id, two.pid), signaled(SIGKILL));
  });

  test(`${name}: who waits for a process that no exec made is told how it ended, however many wait`, async (t) => {
    const opened = await open(t, subject);
    const { id, sandbox, run } = opened;
    await run(id, programs.forks);
    const none = await t.throwsAsync(sandbox.waitProcess(id, 4000, soon()));
    t.true(isError(none, 'PROCESS_NOT_FOUND'), String(none));
    const child = await childOf(opened);
    const waits = [sandbox.waitProcess(id, child, soon()), sandbox.waitProcess(id, child, soon())];
    const controller = new AbortController();
    const cancelled = sandbox.waitProcess(id, child, controller.signal);
    const early = new AbortController();
    const atOnce = t.throwsAsync(sandbox.waitProcess(id, child, early.signal));
    early.abort();
    t.true(isError(await atOnce, 'CANCELLED'), 'aborted while it is looked for');
    // Not before they have found it.
    await after(subject.pace);
    controller.abort();
    t.true(isError(await t.throwsAsync(cancelled), 'CANCELLED'));
    await sandbox.signal(id, { kind: 'process', pid: child }, 12);
    // Older kernels keep no status of another's child.
    for (const status of await Promise.all(waits))
      if (status.kind !== 'unknown') t.deepEqual(status, signaled(12));
    const later = await t.throwsAsync(sandbox.waitProcess(id, child, soon()));
    t.true(isError(later, 'PROCESS_NOT_FOUND'), String(later));
  });

  test(`${name}: a destroy ends the waiting for its processes`, async (t) => {
    const opened = await open(t, subject);
    const { id, sandbox, run } = opened;
    await run(id, programs.forks);
    const waited = sandbox.waitProcess(id, await childOf(opened), soon());
    // Not before it has found it.
    await after(subject.pace);
    await sandbox.destroy(id, soon());
    t.true(isStatus(await waited));
  });
}

/** The pid of the child that init has started. */
async function childOf({ id, sandbox }: Opened): Promise<number> {
  let child = 0;
  await until(async () => {
    const processes = await sandbox.processes(id);
    child = processes.find(({ pid, ppid }) => pid !== 1 && ppid === 1)?.pid ?? 0;
    return child !== 0;
  }, 'init has no child');
  return child;
}

/** It may have ended since it was looked at. */
function ignoreEnded(error: unknown): void {
  if (!isError(error, 'SIGNAL_FAILED')) throw error;
}
