/** Processes that are run in a container: streams, ends, and what ends them early. */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError } from 'runstate';
import { eventually, real, shell, withPlace } from './support.ts';

real('output and exit codes, of many at once', (t) =>
  withPlace(t, 'codes', async ({ create }) => {
    await using sandbox = await create();
    const outputs = await Promise.all(
      [0, 1, 3, 42, 255].map((code) => shell(sandbox.root, `echo out ${code}; echo err >&2; exit ${code}`)),
    );
    t.deepEqual(
      outputs,
      [0, 1, 3, 42, 255].map((exitCode) => ({
        ...{ exitCode, signal: undefined },
        ...{ stdout: `out ${exitCode}\n`, stderr: 'err\n' },
      })),
    );
    const killed = await shell(sandbox.root, 'kill -SEGV $$');
    t.deepEqual([killed.exitCode, killed.signal], [139, 11]);
  }),
);

real('standard input, also more than a pipe holds, and back', (t) =>
  withPlace(t, 'stdin', async ({ create }) => {
    await using sandbox = await create();
    const data = randomBytes(3_000_000);
    const cat = await sandbox.root.exec(['/bin/cat'], { stdin: 'pipe' });
    cat.stdin?.end(data);
    const hash = createHash('sha256');
    for await (const piece of cat.stdout ?? []) hash.update(piece as Buffer);
    t.is(hash.digest('hex'), createHash('sha256').update(data).digest('hex'));
    t.deepEqual(await cat.wait(), { kind: 'exited', code: 0 });
    // One that does not read is no error of ours.
    const deaf = await sandbox.root.exec(['/bin/true'], { stdin: 'pipe' });
    deaf.stdin?.end(data);
    t.is((await deaf.output()).exitCode, 0);
  }),
);

real('ten MiB of output come whole; a reader that takes its time holds the writer up', (t) =>
  withPlace(t, 'big', async ({ create }) => {
    await using sandbox = await create();
    const mib = 1024 * 1024;
    const { stdout, stderr } = await shell(
      sandbox.root,
      'head -c 10485760 /dev/zero | tr "\\0" x; echo done >&2',
    );
    t.is(stdout.length, 10 * mib);
    t.regex(stdout, /^x*$/);
    t.is(stderr, 'done\n');
    const error = await t.throwsAsync(shell(sandbox.root, 'head -c 70000000 /dev/zero'), {
      instanceOf: RunstateError,
      code: 'INVALID_ARGUMENT',
    });
    t.regex(error.message, /stdout: more than 67108864 bytes; read the stream instead/);
  }),
);

real('streams may be descriptors, or none', (t) =>
  withPlace(t, 'descriptors', async ({ create, directory }) => {
    await using sandbox = await create();
    const path = join(directory, 'log');
    const log = openSync(path, 'wx');
    const process = await sandbox.root.exec(['/bin/sh', '-c', 'echo to the file; echo lost >&2'], {
      stdout: log,
      stderr: 'ignore',
    });
    t.deepEqual([process.stdin, process.stdout, process.stderr], [null, null, null]);
    t.deepEqual(await process.wait(), { kind: 'exited', code: 0 });
    closeSync(log);
    t.is(readFileSync(path, 'utf8'), 'to the file\n');
  }),
);

real('a timeout kills it, and says so', (t) =>
  withPlace(t, 'timeout', async ({ create }) => {
    await using sandbox = await create();
    const process = await sandbox.root.exec(['/bin/sleep', '1000'], { timeout: 100 });
    const error = await t.throwsAsync(process.output(), { instanceOf: RunstateError, code: 'DEADLINE' });
    t.is(error.message, `cannot run process "${sandbox.id}/${process.pid}": not done after 100 ms`);
    await t.throwsAsync(process.wait(), { is: error });
    t.false((await sandbox.processes()).some(({ pid }) => pid === process.pid));
    t.is((await shell(sandbox.root, 'echo in time', { timeout: 60_000 })).stdout, 'in time\n');
  }),
);

real('an AbortSignal kills it, and is the cause of the error', (t) =>
  withPlace(t, 'abort', async ({ create }) => {
    await using sandbox = await create();
    const abort = new AbortController();
    const process = await sandbox.root.exec(['/bin/sleep', '1000'], { signal: abort.signal });
    const reason = new Error('not needed any more');
    abort.abort(reason);
    const error = await t.throwsAsync(process.wait(), { instanceOf: RunstateError, code: 'CANCELLED' });
    t.is(error.cause, reason);
    const { pid } = process;
    await t.throwsAsync(sandbox.root.exec(['/bin/true'], { signal: abort.signal }), { code: 'CANCELLED' });
    t.false((await sandbox.processes()).some((one) => one.pid === pid));
  }),
);

real('a signal to one process, by name and number; it is asked for as often as one likes', (t) =>
  withPlace(t, 'signal', async ({ create }) => {
    await using sandbox = await create();
    const process = await sandbox.root.exec([
      '/bin/sh',
      '-c',
      'trap "echo got it" USR1; sleep 1000 & wait; wait',
    ]);
    await eventually(async () => {
      const all = await sandbox.root.processes();
      return all.some(({ ppid }) => ppid === process.pid) ? true : undefined;
    }, 'its sleep is there');
    await process.signal(0);
    await process.signal('USR1');
    for await (const piece of process.stdout ?? []) {
      t.is(String(piece), 'got it\n');
      break;
    }
    await process.signal('SIGKILL');
    t.deepEqual(await process.wait(), { kind: 'signaled', signal: 9, coreDumped: false });
    t.deepEqual(await process.wait(), { kind: 'signaled', signal: 9, coreDumped: false });
    await t.throwsAsync(process.signal('TERM'), { code: 'REMOTE' });
    await t.throwsAsync(process.signal('NOSUCH'), { code: 'BAD_SIGNAL', message: '"NOSUCH" is no signal' });
  }),
);
