/** The helper program by itself, without a container. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { builtFile, files, sockets } from '../../native/index.ts';

const helper = builtFile('runstate-init');

/** What comes until the other side has gone, at the latest after 10 s; the descriptors that come are closed. */
async function hear(fd: number, isEnough: (text: string) => boolean): Promise<string> {
  let text = '';
  const buffer = Buffer.alloc(256);
  for (const deadline = performance.now() + 10_000; performance.now() < deadline;) {
    await after(2);
    const came: number[] = [];
    const got = sockets.receive(fd, buffer, came);
    for (const one of came) files.close(one);
    if (typeof got === 'number') text += buffer.toString('latin1', 0, got);
    if (got === 'end' || isEnough(text)) return text;
  }
  throw new Error(`nothing more was said than ${JSON.stringify(text)}`);
}

const toEnd = (fd: number): Promise<string> => hear(fd, () => false);

function start(t: ExecutionContext, mode: string, ...program: string[]) {
  const [ours, theirs] = sockets.socketPair();
  let isOpen = true;
  const close = (): void => {
    if (isOpen) files.close(ours);
    isOpen = false;
  };
  t.teardown(close);
  const child = spawn(helper, [mode, '3', '--', ...program], {
    stdio: ['ignore', 'ignore', 'ignore', theirs],
  });
  const ended = once(child, 'exit');
  files.close(theirs);
  return { ours, close, ended };
}

test.serial('it refuses what it is not for', async (t) => {
  for (const args of [
    [],
    ['run'],
    ['run', '3'],
    ['run', 'x', '--', 'true'],
    ['exec', '-t', '3', 'true'],
    ['run', '9', '--', 'true'],
  ]) {
    const [code] = (await once(spawn(helper, args, { stdio: 'ignore' }), 'exit')) as unknown[];
    t.is(code, 2, args.join(' '));
  }
});

test.serial('pause ends at SIGTERM, and at no other', async (t) => {
  const child = spawn(helper, ['pause'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await after(50);
  child.kill('SIGUSR1');
  child.kill('SIGTERM');
  t.deepEqual(await ended, [0, null]);
});

test.serial('the program waits for the word, and its end is the helper’s', async (t) => {
  for (const [script, code] of [
    ['exit 7', 7],
    ['kill -TERM $$', 143],
  ] as const) {
    const { ours, ended } = start(t, 'run', 'sh', '-c', script);
    t.regex(await hear(ours, (text) => text.endsWith('\n')), /^pid \d+\n$/);
    sockets.send(ours, Buffer.from('\n'));
    t.is(await toEnd(ours), '');
    t.deepEqual(await ended, [code, null]);
  }
});

test.serial('what cannot be executed is told, with the error’s number', async (t) => {
  for (const [program, said, code] of [
    ['/no/such', 'failed exec 2\n', 127],
    ['no-such-program', 'failed search 2\n', 127],
    ['/etc/passwd', 'failed exec 13\n', 126],
    ['/etc', 'failed exec 13\n', 126],
  ] as const) {
    const { ours, ended } = start(t, 'run', program);
    await hear(ours, (text) => text.endsWith('\n'));
    sockets.send(ours, Buffer.from('\n'));
    t.is(await toEnd(ours), said);
    t.deepEqual(await ended, [code, null]);
  }
});

test.serial('without a supervisor pid 1 goes on, and what is exec’d gives up', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rs-init-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  for (const mode of ['exec', 'run'] as const) {
    const mark = join(folder, mode);
    const { ours, close, ended } = start(t, mode, 'touch', mark);
    await hear(ours, (text) => text.endsWith('\n'));
    close();
    t.deepEqual(await ended, [0, null]);
    await after(100);
    t.is(existsSync(mark), mode === 'run', mode);
  }
});
