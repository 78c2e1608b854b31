import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { isError } from '../../../errors/index.ts';
import { builtFile, files, sockets, terminal } from '../../../native/index.ts';
import { openFiles } from './support/remains.ts';
import { open, readAll, shellProcess, soon, until, whyNot } from './support/sandbox.ts';

const serial = whyNot() === undefined ? test.serial : test.serial.skip;

serial(
  'a terminal that came as a file controls the process: ^C and foreground signals reach it',
  async (t) => {
    const { id, sandbox, run, exit } = await open(t);
    await run(id, 'sleep 100');
    const before = openFiles();
    const { master, slave } = terminal.openTerminal();
    const script = 'tty; echo ready > /dev/tty; trap "echo caught; exit 9" INT; while :; do sleep 0.05; done';
    const { pid } = await sandbox.exec(
      id,
      { process: shellProcess(script), files: [slave, slave, slave], stdioIsTerminal: true },
      soon(),
    );
    let seen = '';
    await until(() => (seen += readAll(master)).includes('ready'), `not ready: ${seen}`);
    await sandbox.signal(id, { kind: 'foreground', pid }, 2);
    t.deepEqual(await exit(id, pid), { kind: 'exited', code: 9 });
    t.regex(seen + readAll(master), /caught/);
    files.close(master);
    files.close(slave);
    t.is(openFiles(), before);
  },
);

serial('the helper for that cannot be rewritten from inside', async (t) => {
  const { id, sandbox, run, exit } = await open(t);
  await run(id, 'sleep 100');
  const helper = readFileSync(builtFile('ctty'));
  const { master, slave } = terminal.openTerminal();
  const script = 'for fd in /proc/self/fd/*; do echo x >> $fd; done; echo done $?; sleep 0.1';
  const { pid } = await sandbox.exec(
    id,
    { process: shellProcess(script), files: [slave, slave, slave], stdioIsTerminal: true },
    soon(),
  );
  t.is((await exit(id, pid)).kind, 'exited');
  t.true(readFileSync(builtFile('ctty')).equals(helper));
  files.close(master);
  files.close(slave);
});

serial('a foreground signal without a terminal is refused', async (t) => {
  const { id, sandbox, run } = await open(t);
  await run(id, 'sleep 100');
  const error = await t.throwsAsync(sandbox.signal(id, { kind: 'foreground', pid: undefined }, 2));
  t.true(isError(error, 'SIGNAL_FAILED'), String(error));
  t.regex(error.message, /terminal/);
});

serial('a terminal of the runtime’s own making comes by the console socket', async (t) => {
  const { id, sandbox, run, exit, create } = await open(t);
  const refused = await t.throwsAsync(
    create(id, 'true', {
      change: (spec) => ({ ...spec, process: { ...shellProcess('true'), terminal: true } }),
    }),
  );
  t.true(isError(refused, 'MISSING_ARGUMENT'), String(refused));
  await run(id, 'sleep 100');
  const folder = mkdtempSync(join(tmpdir(), 'rs-console-'));
  const consoleSocket = join(folder, 'socket');
  const listener = sockets.listen(consoleSocket);
  const process = { ...shellProcess('tty; exit 4'), terminal: true };
  const { pid } = await sandbox.exec(id, { process, files: [], consoleSocket }, soon());
  const got: number[] = [];
  let client: number | undefined;
  await until(() => (client ??= sockets.accept(listener)) !== undefined, 'nobody came to the console socket');
  await until(() => {
    if (client !== undefined && got.length === 0) sockets.receive(client, Buffer.alloc(4096), got);
    return got.length > 0;
  }, 'no terminal came');
  t.deepEqual(await exit(id, pid), { kind: 'exited', code: 4 });
  t.regex(readAll(got[0] ?? -1), /\/dev\/pts\/\d/);
  for (const fd of [listener, ...got, ...(client === undefined ? [] : [client])]) files.close(fd);
  rmSync(folder, { recursive: true });
});
