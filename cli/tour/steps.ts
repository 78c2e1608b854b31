import { closeSync, openSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { fromWaitStatus } from '../../platforms/exit-status.ts';
import type { ContainerState } from '../../transport/client/index.ts';
import { Guide } from './guide.ts';
import { LinePipe } from './lines.ts';
import { counterSpec, workerSpec } from './specs.ts';

/** The ids of the tour's sandbox (so of its root container) and of its sub-container. */
export const sandboxId = 'tour';
const workerId = 'worker';

const SIGTERM = 15;
const SIGKILL = 9;

/** The life of a sandbox, step by step; each checks that what it asked for has come true. */
export async function takeSteps(guide: Guide, rootfs: string): Promise<void> {
  const nothing = openSync('/dev/null', 'r+');
  const counter = new LinePipe();
  try {
    await createRoot(guide, rootfs, nothing, counter);
    await startRoot(guide, counter);
    await addWorker(guide, rootfs, nothing);
    await execute(guide, nothing);
    await look(guide);
    await pauseAndResume(guide, counter);
    await signalAndWait(guide);
    await killRoot(guide);
  } finally {
    counter.close();
    closeSync(nothing);
  }
}

async function createRoot(guide: Guide, rootfs: string, nothing: number, counter: LinePipe): Promise<void> {
  guide.narrator.title(2, 'Create the root container: made and isolated, its program not yet started');
  const state = await guide
    .call(
      'runstate.Create',
      {
        CID: sandboxId,
        Bundle: '/',
        Spec: counterSpec(rootfs),
        ConsoleSocket: '',
        NoPivot: false,
        NoNewKeyring: false,
      },
      {
        files: [nothing, counter.writeEnd, nothing],
        shown: `"${sandboxId}" + its config.json + 3 open files: stdin, stdout, stderr`,
        reply: brief,
      },
    )
    .finally(() => closeSync(counter.writeEnd));
  guide.narrator.check(
    state.status === 'created' && state.pid > 0,
    `it is created; its first process is pid ${state.pid} on this machine`,
  );
  guide.narrator.check(counter.lines.length === 0, 'its program has not run: nothing was written');
}

async function startRoot(guide: Guide, counter: LinePipe): Promise<void> {
  guide.narrator.title(3, 'Start it: a program that counts, writing to the pipe that we passed');
  await guide.call('containerManager.StartRoot', sandboxId);
  await until(() => counter.lines.length >= 2, 'the counter counts');
  const { status } = await guide.call('runstate.State', { CID: sandboxId }, { reply: brief });
  guide.narrator.check(status === 'running', `it is running, and has counted to ${counter.lines.at(-1)}`);
}

async function addWorker(guide: Guide, rootfs: string, nothing: number): Promise<void> {
  guide.narrator.title(4, 'A sub-container: processes and limits of its own, the network of the sandbox');
  await guide.call('containerManager.Create', workerId);
  await guide.call(
    'containerManager.Start',
    { Spec: workerSpec(rootfs), Conf: {}, CID: workerId },
    {
      files: [nothing, nothing, nothing, nothing],
      shown: `"${workerId}" + its config.json + 4 open files: stdin, stdout, stderr, root`,
    },
  );
  const states = await guide.call('runstate.List', null, { reply: briefly });
  guide.narrator.check(
    states.length === 2 && states.every(({ status }) => status === 'running'),
    'two containers are running',
  );
}

async function execute(guide: Guide, nothing: number): Promise<void> {
  guide.narrator.title(5, 'Execute another program inside, and read what it writes');
  const output = new LinePipe();
  try {
    const script = 'echo "I am pid $$ of user $(id -u), on $(hostname)"; exit 3';
    const pid = await guide
      .call(
        'containerManager.ExecuteAsync',
        {
          filename: '/bin/sh',
          argv: ['/bin/sh', '-c', script],
          envv: ['PATH=/bin'],
          wd: '/',
          KUID: 0,
          KGID: 0,
          ExtraKGIDs: [],
          Capabilities: null,
          StdioIsPty: false,
          ContainerID: sandboxId,
        },
        { files: [nothing, output.writeEnd, output.writeEnd], shown: `/bin/sh -c '${script}'` },
      )
      .finally(() => closeSync(output.writeEnd));
    const wait = await guide.call('containerManager.WaitPID', { PID: pid, CID: sandboxId });
    const [line] = await output.ended();
    guide.narrator.say(`it wrote: ${line ?? ''}`);
    guide.narrator.check(line?.startsWith(`I am pid ${pid} `) === true, `its pid in the container is ${pid}`);
    const status = fromWaitStatus(wait);
    guide.narrator.check(
      status.kind === 'exited' && status.code === 3,
      `its wait status is ${wait}, which is 3 × 256: it exited with code 3`,
    );
  } finally {
    output.close();
  }
}

async function look(guide: Guide): Promise<void> {
  guide.narrator.title(6, 'Look inside: processes and counters');
  for (const id of [sandboxId, workerId]) {
    const processes = await guide.call('containerManager.Processes', id, {
      reply: (all) => `${all.length} of them`,
    });
    for (const { pid, ppid, time, cmd } of processes)
      guide.narrator.say(
        `  pid ${pid}, started by ${ppid === 0 ? 'us' : `pid ${ppid}`}: ${cmd}, ${time} of processor time`,
      );
    guide.narrator.check(
      processes.filter(({ pid }) => pid === 1).length === 1,
      `${id} has a pid 1 of its own`,
    );
  }
  const { data } = await guide.call('containerManager.Event', sandboxId, {
    reply: () => 'counters of processor, memory, processes and block devices',
  });
  const mib = 1024n * 1024n;
  guide.narrator.check(
    data.memory.usage.limit === 64n * mib && (data.pids.current ?? 0n) > 0n,
    `${sandboxId} uses ${Number(data.memory.usage.usage ?? 0n) >> 10} KiB of ${data.memory.usage.limit / mib} MiB, ` +
      `${data.pids.current ?? 0n} of ${data.pids.limit ?? 0n} processes, ${(Number(data.cpu.usage.total) / 1e6).toFixed(1)} ms of processor time`,
  );
}

async function pauseAndResume(guide: Guide, counter: LinePipe): Promise<void> {
  guide.narrator.title(7, 'Pause the whole sandbox at one instant, and resume it');
  await guide.call('containerManager.Pause', null);
  // What was written before the freeze is still in the pipe.
  await after(50);
  const before = counter.lines.length;
  await after(300);
  guide.narrator.check(
    counter.lines.length === before,
    `the counter stands still at ${before} (watched for 300 ms)`,
  );
  const states = await guide.call('runstate.List', null, { reply: briefly });
  guide.narrator.check(
    states.every(({ status }) => status === 'paused'),
    'both containers are paused',
  );
  await guide.call('containerManager.Resume', null);
  await until(() => counter.lines.length > before, 'the counter goes on');
  guide.narrator.check(
    counter.lines.at(before) === String(before + 1),
    `it went on with ${before + 1}: nothing was lost`,
  );
}

async function signalAndWait(guide: Guide): Promise<void> {
  guide.narrator.title(8, 'Signal the sub-container, wait for it, see how it ended, destroy it');
  await guide.call('containerManager.Signal', { CID: workerId, Signo: SIGTERM, PID: 0, Mode: 0 });
  const wait = await guide.call('containerManager.Wait', workerId);
  const status = fromWaitStatus(wait);
  guide.narrator.check(
    status.kind === 'exited' && status.code === 7,
    `its wait status is ${wait}, which is 7 × 256: on SIGTERM (15) it exited with code 7, as its program says`,
  );
  await guide.call('containerManager.Destroy', workerId);
  const states = await guide.call('runstate.List', null, { reply: briefly });
  guide.narrator.check(states.length === 1, 'one container is left');
}

async function killRoot(guide: Guide): Promise<void> {
  guide.narrator.title(9, 'Kill the root container: its end is the end of the sandbox');
  await guide.call('containerManager.Signal', { CID: sandboxId, Signo: SIGKILL, PID: 0, Mode: 1 });
  const wait = await guide.call('containerManager.Wait', sandboxId);
  const status = fromWaitStatus(wait);
  guide.narrator.check(
    status.kind === 'signaled' && status.signal === SIGKILL,
    `its wait status is ${wait}: signal 9 ended it`,
  );
}

const brief = ({ id, status }: ContainerState): string => `${id} is ${status}`;
const briefly = (states: readonly ContainerState[]): string => states.map(brief).join(', ');

/** Waits until it is true, for 10 s at most: the check that follows tells when it has not become so. */
async function until(isTrue: () => boolean, what: string): Promise<void> {
  for (const deadline = performance.now() + 10_000; !isTrue();) {
    if (performance.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await after(5);
  }
}
