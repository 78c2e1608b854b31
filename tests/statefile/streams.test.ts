/** Pipes and sockets, both ways; sides that are slow, stuck or gone; disks that are full. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import test from 'ava';
import { RunstateError } from '../../errors/index.ts';
import { files, sockets } from '../../native/index.ts';
import { StatefileWriter, inspectStatefile, stageStatefile } from '../../statefile/index.ts';
import {
  bytes,
  directoryOf,
  fields,
  key,
  makeStatefile,
  openFiles,
  refusal,
  small,
  stageFile,
  writeTo,
} from './support.ts';

const MiB = 1 << 20;
/** O_NONBLOCK of the open file. */
const isNonBlocking = async (fd: number): Promise<boolean> =>
  ((Number.parseInt(
    /flags:\s*(\d+)/.exec(await readFile(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '0',
    8,
  ) >>
    11) &
    1) ===
  1;

interface Ends {
  readonly from: number;
  readonly to: number;
}
const pairs: Readonly<Record<string, (nonBlocking: boolean) => Ends>> = {
  pipe: (nonBlocking) => {
    const { read, write } = files.pipe({ nonBlocking });
    return { from: read, to: write };
  },
  socket: (nonBlocking) => {
    const [from, to] = sockets.socketPair();
    for (const fd of [from, to]) files.setNonBlocking(fd, nonBlocking);
    return { from, to };
  },
};

for (const [kind, make] of Object.entries(pairs)) {
  for (const nonBlocking of [false, true])
    for (const compression of ['none', 'gzip'] as const)
      test.serial(`through a ${kind}, ${nonBlocking ? '' : 'not '}O_NONBLOCK, ${compression}`, async (t) => {
        const directory = directoryOf(t);
        const to = join(directory, 'to');
        mkdirSync(to);
        const before = openFiles();
        const ends = make(nonBlocking);
        const flags: boolean[] = [];
        const timer = setInterval(() => {
          void Promise.all([isNonBlocking(ends.from), isNonBlocking(ends.to)]).then((now) =>
            flags.push(...now),
          );
        }, 1);
        const reading = stageStatefile(ends.from, to, { key });
        const written = await writeTo(ends.to, { ...small, large: bytes(8 * MiB) }, { key, compression });
        clearInterval(timer);
        flags.push(await isNonBlocking(ends.from), await isNonBlocking(ends.to));
        t.true(
          flags.every((one) => one === nonBlocking),
          "the flags are the client's, all the time",
        );
        closeSync(ends.to);
        const staged = await reading;
        closeSync(ends.from);
        t.is(staged.digest, written.digest);
        t.is(statSync(join(to, 'large')).size, 8 * MiB);
        await after(5);
        t.deepEqual(openFiles(), before);
      });

  test.serial(`a ${kind} that nobody reads can be given up, and blocks nobody`, async (t) => {
    const before = openFiles();
    const ends = make(false);
    const stop = new AbortController();
    const reason = new RunstateError('CANCELLED', { verb: 'checkpoint', kind: 'sandbox', id: 's' });
    const writing = refusal(writeTo(ends.to, { large: bytes(64 * MiB) }, { signal: stop.signal }));
    // Several at once: as many as the thread pool has threads, and one.
    const others = Array.from({ length: 4 }, () => make(false));
    const more = others.map((one) =>
      refusal(writeTo(one.to, { large: bytes(64 * MiB) }, { signal: stop.signal })),
    );
    await after(100);
    // The thread pool is free.
    t.true((await readFile('/etc/passwd')).length > 0);
    stop.abort(reason);
    t.is(await writing, reason);
    t.deepEqual(
      await Promise.all(more),
      others.map(() => reason),
    );
    for (const one of [ends, ...others]) for (const fd of [one.from, one.to]) closeSync(fd);
    t.deepEqual(openFiles(), before);
  });

  test.serial(`a ${kind} that nothing comes through can be given up`, async (t) => {
    const directory = directoryOf(t);
    const before = openFiles();
    const ends = make(false);
    const nothing = refusal(stageStatefile(ends.from, directory, { signal: timeout() }));
    t.is((await nothing).code, 'DEADLINE');
    // Half of one.
    const made = await makeStatefile(directory, { large: bytes(3 * MiB) });
    const to = join(directory, 'to');
    mkdirSync(to);
    const half = refusal(stageStatefile(ends.from, to, { signal: timeout(300) }));
    files.setNonBlocking(ends.to, true);
    for (let done = 0; done < made.length / 2;) {
      const put = files.write(ends.to, made.subarray(0, made.length / 2), done);
      if (put === undefined) await after(1);
      else done += put;
    }
    t.is((await half).code, 'DEADLINE');
    t.deepEqual(readdirSync(to), []);
    for (const fd of [ends.from, ends.to]) closeSync(fd);
    t.deepEqual(openFiles(), before);
  });

  test.serial(`a ${kind} whose reader has gone, before and in the middle`, async (t) => {
    const before = openFiles();
    const gone = make(false);
    closeSync(gone.from);
    const error = await refusal(writeTo(gone.to, small));
    t.is(error.code, 'STATEFILE_READER_GONE');
    t.true(error.cause instanceof Error);
    closeSync(gone.to);
    const ends = make(false);
    const writing = refusal(writeTo(ends.to, { large: bytes(64 * MiB) }));
    await after(50);
    closeSync(ends.from);
    const later = await writing;
    t.is(later.code, 'STATEFILE_READER_GONE');
    t.regex(later.message, /nobody reads the statefile any more, after \d+ bytes of it/);
    closeSync(ends.to);
    t.deepEqual(openFiles(), before);
  });

  test.serial(`a ${kind} whose writer has gone in the middle, or that ends at once`, async (t) => {
    const directory = directoryOf(t);
    const to = join(directory, 'to');
    mkdirSync(to);
    const empty = make(false);
    closeSync(empty.to);
    t.is((await refusal(stageStatefile(empty.from, to))).message, 'file cannot be empty');
    closeSync(empty.from);
    const ends = make(false);
    const reading = refusal(stageStatefile(ends.from, to));
    const writer = await StatefileWriter.open(ends.to, fields);
    await writer.addEntry('a', bytes(2 * MiB));
    await writer[Symbol.asyncDispose]();
    closeSync(ends.to);
    t.is((await reading).code, 'STATEFILE_TRUNCATED');
    t.deepEqual(readdirSync(to), []);
    closeSync(ends.from);
  });

  test.serial(`a slow reader of a ${kind} gets all of it`, async (t) => {
    const ends = make(false);
    const writing = writeTo(ends.to, { large: bytes(MiB) }).finally(() => closeSync(ends.to));
    files.setNonBlocking(ends.from, true);
    const parts: Buffer[] = [];
    for (;;) {
      const piece = Buffer.alloc(20_000);
      const got = files.read(ends.from, piece);
      if (got === 'end') break;
      if (got !== undefined) parts.push(piece.subarray(0, got));
      await after(1);
    }
    const { bytes: size } = await writing;
    const whole = Buffer.concat(parts);
    t.is(whole.length, size);
    closeSync(ends.from);
    const directory = directoryOf(t);
    writeFileSync(join(directory, 'file'), whole);
    await t.notThrowsAsync(stageFile(join(directory, 'file'), join(directory, 'to')));
  });
}

/** A signal of ours, after so many ms. */
function timeout(ms = 50): AbortSignal {
  const stop = new AbortController();
  const error = new RunstateError('DEADLINE', { verb: 'restore', kind: 'sandbox', id: 's', ms });
  setTimeout(() => stop.abort(error), ms);
  return stop.signal;
}

test.serial('through a TCP connection', async (t) => {
  const directory = directoryOf(t);
  const to = join(directory, 'to');
  mkdirSync(to);
  // Node must not read from it itself.
  const server = createServer({ pauseOnConnect: true });
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const address = server.address() as AddressInfo;
  const client = createConnection({ port: address.port, host: '127.0.0.1' });
  await new Promise((resolve) => client.once('connect', resolve));
  const other = await accepted;
  t.teardown(() => [client, other].forEach((socket) => socket.destroy()));
  const [writing, reading] = [fdOf(client), fdOf(other)];
  const staged = stageStatefile(reading, to, { key });
  await writeTo(writing, { large: bytes(4 * MiB) }, { key });
  client.end();
  t.is((await staged).entries[0]?.size, 4 * MiB);
});

/** Node shows it to nobody but itself; this is a test. */
function fdOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  if (typeof fd !== 'number') throw new Error('the socket has no descriptor');
  return fd;
}

test.serial('through the pipe of another process', async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, 'made');
  const fifo = join(directory, 'fifo');
  await makeStatefile(directory, { large: bytes(4 * MiB) }, { key });
  t.is(spawnSync('mkfifo', [fifo]).status, 0);
  const cat = spawn('sh', ['-c', `cat ${file} > ${fifo}`]);
  const fd = openSync(fifo, 'r');
  const { isVerified } = await inspectStatefile(fd, { key });
  t.true(isVerified);
  closeSync(fd);
  t.is(cat.exitCode ?? (await new Promise((resolve) => cat.once('exit', resolve))), 0);
});

test.serial('a full disk, of the statefile and of the directory to stage in', async (t) => {
  const full = openSync('/dev/full', 'w');
  const error = await refusal(writeTo(full, small));
  t.is(error.code, 'STATEFILE_NO_SPACE');
  t.regex(error.message, /there is no room for the statefile after 0 bytes of it: ENOSPC/);
  closeSync(full);
  if (process.getuid?.() !== 0) {
    t.log('not root: no small file system can be mounted');
    return;
  }
  const directory = directoryOf(t);
  const disk = join(directory, 'disk');
  mkdirSync(disk);
  t.is(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status, 0);
  try {
    const before = openFiles();
    const fd = openSync(join(disk, 'file'), 'w');
    const middle = await refusal(writeTo(fd, { large: bytes(4 * MiB) }));
    t.is(middle.code, 'STATEFILE_NO_SPACE');
    t.like(middle.cause, { code: 'ENOSPC' });
    closeSync(fd);
    rmSync(join(disk, 'file'));
    await makeStatefile(directory, { first: bytes(MiB), second: bytes(4 * MiB) });
    const to = join(disk, 'to');
    const staging = await refusal(stageFile(join(directory, 'made'), to));
    t.is(staging.code, 'SYSTEM');
    t.like(staging.cause, { code: 'ENOSPC' });
    t.deepEqual(readdirSync(to), []);
    t.deepEqual(openFiles(), before);
  } finally {
    t.is(spawnSync('umount', [disk]).status, 0);
  }
});

test.serial('what cannot hold a statefile is refused', async (t) => {
  const directory = directoryOf(t);
  const cases: readonly (readonly [path: string, flags: string, use: 'write' | 'read', words: RegExp])[] = [
    [directory, 'r', 'read', /it is a directory/],
    ['/etc/passwd', 'r', 'write', /its descriptor is not open to write/],
    [join(directory, 'new'), 'w', 'read', /its descriptor is not open to read/],
    ['/dev/ptmx', 'r+', 'write', /it is a (terminal|device)/],
  ];
  const before = openFiles();
  for (const [path, flags, use, words] of cases) {
    const fd = openSync(path, flags);
    const to = join(directory, 'to');
    mkdirSync(to, { recursive: true });
    const error = await refusal(use === 'write' ? writeTo(fd, small) : stageStatefile(fd, to));
    t.is(error.code, 'STATEFILE_FILE');
    t.regex(error.message, words);
    closeSync(fd);
  }
  const event = files.eventFd();
  t.regex((await refusal(writeTo(event, small))).message, /it is no file, pipe or socket/);
  closeSync(event);
  t.deepEqual(openFiles(), before);
});
