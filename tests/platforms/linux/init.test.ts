/** runstate-init as pid 1 of real containers, and what is exec'd in them. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { files, terminal } from '../../../native/index.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import { openFiles, remainsOf } from './support/remains.ts';
import { open, readAll, shellProcess, soon, until, whyNot } from './support/sandbox.ts';

const serial = whyNot() === undefined ? test.serial : test.serial.skip;
const exited = (code: number) => ({ kind: 'exited', code }) as const;
const signaled = (signal: number) => ({ kind: 'signaled', signal, coreDumped: false }) as const;

const withProcess =
  (more: object) =>
  (spec: ContainerSpec): ContainerSpec => ({
    ...spec,
    process: { ...shellProcess(''), ...spec.process, ...more },
  });

serial('pid 1 is runstate-init, with no file open; the program leads a session of its own', async (t) => {
  const { id, sandbox, run, output } = await open(t);
  await run(id, 'sleep 100; :');
  const [init, program] = await sandbox.processes(id);
  t.like(init, { pid: 1, ppid: 0, cmd: 'runstate-init' });
  t.like(program, { ppid: 1, cmd: 'sh' });
  t.is(await output(id, 'ls /proc/1/fd | wc -l'), '0\n');
  const stat = readFileSync(`/proc/${program?.hostPid ?? 0}/stat`, 'latin1').split(' ');
  t.deepEqual([stat[4], stat[5]], [stat[0], stat[0]]);
  // As it was started: nothing is blocked, nothing ignored.
  const status = readFileSync(`/proc/${program?.hostPid ?? 0}/status`, 'latin1');
  t.regex(status, /^SigBlk:\t0+$/m);
});

serial('a container ends exactly as its program does', async (t) => {
  const { id, sandbox, run, exit } = await open(t);
  await run(id, 'sleep 100');
  const cases = [
    ...[0, 1, 126, 127, 128, 137, 143, 255].map((code) => [`exit ${code}`, exited(code)] as const),
    ...[1, 2, 9, 10, 15, 34, 64].map((signo) => [`kill -${signo} $$`, signaled(signo)] as const),
  ];
  for (const [index, [script, status]] of cases.entries()) {
    const cid = `c${index}`;
    await run(cid, script);
    t.deepEqual(await exit(cid), status, script);
    await sandbox.destroy(cid, soon());
  }
});

serial('a core dump is told', async (t) => {
  const { id, run, exit } = await open(t);
  const rlimits = [{ type: 'RLIMIT_CORE', hard: 1 << 20, soft: 1 << 20 }];
  await run(id, 'cd /dev; kill -SEGV $$', { change: withProcess({ rlimits }) });
  const status = await exit(id);
  t.true(status.kind === 'signaled' && status.signal === 11, JSON.stringify(status));
});

serial('signals reach the program, whichever way they are sent; pid 1 is not ended by them', async (t) => {
  const { id, sandbox, run, output, exit } = await open(t);
  const { read, write } = files.pipe();
  const traps = 'for s in HUP INT QUIT USR1 USR2 TERM CONT WINCH CHLD; do trap "echo $s" $s; done';
  await run(id, `${traps}; trap "echo end; exit 5" ALRM; echo ready; while :; do sleep 0.05; done`, {
    files: [undefined, write],
  });
  let seen = '';
  const says = (what: string) => until(() => (seen += readAll(read)).includes(what), `no ${what}: ${seen}`);
  await says('ready');
  await sandbox.signal(id, { kind: 'init' }, 1);
  await says('HUP');
  await sandbox.signal(id, { kind: 'process', pid: 1 }, 10);
  await says('USR1');
  await output(id, 'kill -QUIT 1; kill -WINCH 1');
  await says('QUIT');
  await says('WINCH');
  const program = (await sandbox.processes(id))[1];
  const state = () => readFileSync(`/proc/${program?.hostPid ?? 0}/stat`, 'latin1').split(' ')[2];
  await sandbox.signal(id, { kind: 'init' }, 19);
  await until(() => state() === 'T', 'it was not stopped');
  await sandbox.signal(id, { kind: 'init' }, 18);
  await until(() => state() !== 'T', 'it does not go on');
  seen = '';
  await sandbox.signal(id, { kind: 'all' }, 12);
  await says('USR2');
  await sandbox.signal(id, { kind: 'init' }, 2);
  await says('INT');
  t.is(seen.split('USR2').length, 2, 'it came twice');
  await sandbox.signal(id, { kind: 'init' }, 14);
  t.deepEqual(await exit(id), exited(5));
  files.close(read);
  files.close(write);
});

serial('SIGTERM ends a program that does not take it; SIGKILL all that there is', async (t) => {
  const { id, sandbox, run, exec, exit } = await open(t);
  await run(id, 'sleep 100');
  await run('two', 'exec sleep 100');
  await sandbox.signal('two', { kind: 'init' }, 15);
  t.deepEqual(await exit('two'), signaled(15));
  await run('three', 'trap "" TERM INT HUP; while :; do sleep 1; done');
  const { pid } = await exec('three', 'trap "" TERM; while :; do sleep 1; done');
  await sandbox.signal('three', { kind: 'init' }, 15);
  await sandbox.signal('three', { kind: 'init' }, 9);
  t.deepEqual(await exit('three'), signaled(9));
  t.deepEqual(await exit('three', pid), signaled(9));
});

serial('what is exec’d is a child of pid 1, in a session of its own, and its end is told', async (t) => {
  const { id, sandbox, run, exec, exit, output } = await open(t);
  await run(id, 'exec sleep 100');
  const own = 'read -r pid name state ppid pgrp session rest < /proc/self/stat';
  t.is(await output(id, `sh -c 'echo $PPID' > /dev/null; ${own}; echo $((session == $$))`), '1\n');
  const { pid, hostPid } = await exec(id, 'sleep 0.3; exit 42');
  t.like(
    (await sandbox.processes(id)).find((one) => one.pid === pid),
    { ppid: 1, hostPid },
  );
  t.deepEqual(await exit(id, pid), exited(42));
  // Ended before anybody can look.
  const quick = await exec(id, 'exit 200');
  t.deepEqual(await exit(id, quick.pid), exited(200));
  const killed = await exec(id, 'kill -KILL $$');
  t.deepEqual(await exit(id, killed.pid), signaled(9));
  await until(async () => (await sandbox.processes(id)).length === 2, 'zombies are left');
});

serial(
  'orphans become children of pid 1 and are reaped; the exec’d one’s own end is what is told',
  async (t) => {
    const { id, sandbox, run, exec, exit } = await open(t);
    await run(id, 'exec sleep 100');
    const { pid } = await exec(id, '(setsid sh -c "sleep 0.3; exit 9" &); (sleep 0.2 &); exit 3');
    t.deepEqual(await exit(id, pid), exited(3));
    await until(async () => (await sandbox.processes(id)).length === 2, 'orphans are not reaped');
  },
);

serial('a hundred at once, each with its status; nothing is left', async (t) => {
  const before = openFiles();
  const opened = await open(t);
  const { id, sandbox, run, exit } = opened;
  await run(id, 'exec sleep 100');
  const codes = Array.from({ length: 100 }, (_none, index) => index);
  const started = await Promise.all(
    codes.map(async (code) => {
      const request = { process: shellProcess(`exit ${code}`), files: [] };
      const { pid } = await sandbox.exec(id, request, soon(90_000));
      return { code, pid };
    }),
  );
  for (const { code, pid } of started) t.deepEqual(await exit(id, pid), exited(code));
  await until(async () => (await sandbox.processes(id)).length === 2, 'processes are left');
  await sandbox.close(soon());
  t.deepEqual(remainsOf(opened), []);
  t.is(openFiles(), before);
});

serial('a terminal that came as a file: job control, ^C, its size', async (t) => {
  const { id, sandbox, run, exit } = await open(t);
  await run(id, 'exec sleep 100');
  const { master, slave } = terminal.openTerminal();
  terminal.setWindowSize(master, { rows: 33, columns: 77 });
  const script = 'stty size; trap "stty size; exit 6" INT; echo ready; while :; do sleep 0.05; done';
  const { pid } = await sandbox.exec(
    id,
    { process: shellProcess(script), files: [slave, slave, slave], stdioIsTerminal: true },
    soon(),
  );
  let seen = '';
  await until(() => (seen += readAll(master)).includes('ready'), `not ready: ${seen}`);
  terminal.setWindowSize(master, { rows: 44, columns: 88 });
  files.write(master, Buffer.from('\x03'));
  t.deepEqual(await exit(id, pid), exited(6));
  seen += readAll(master);
  t.regex(seen, /33 77[\s\S]*44 88/);
  files.close(master);
  files.close(slave);
});

serial('no program has a file of a mount that its container does not have', async (t) => {
  const { id, sandbox, run } = await open(t);
  const { read, write } = files.pipe();
  const passed = [undefined, undefined, undefined, undefined, write];
  await run(id, 'exec sleep 100', { files: passed });
  const process = shellProcess('exec sleep 100');
  const { hostPid } = await sandbox.exec(id, { process, files: passed }, soon());
  const program = (await sandbox.processes(id))[1]?.hostPid;
  for (const pid of [program, hostPid]) {
    const mounts = readFileSync(`/proc/${pid ?? 0}/mountinfo`, 'latin1').split('\n');
    const known = mounts.map((line) => line.split(' ')[0]);
    for (const fd of [0, 1, 2, 3]) {
      const info = readFileSync(`/proc/${pid ?? 0}/fdinfo/${fd}`, 'latin1');
      t.true(known.includes(/^mnt_id:\s*(\d+)$/m.exec(info)?.[1]), `descriptor ${fd} of process ${pid ?? 0}`);
    }
  }
  files.close(read);
  files.close(write);
});
