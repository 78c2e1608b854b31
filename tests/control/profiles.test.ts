/** Profiles and traces of the supervisor: what is in them, and the original's refusals. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ExecutionContext } from 'ava';
import { Profile } from 'pprof-format';
import { files } from '../../native/index.ts';
import { openFiles } from '../transport/support.ts';
import { until } from '../support/waiting.ts';
import { realOneByOne, refusal, withSandbox } from './support.ts';

interface Output {
  readonly fd: number;
  readonly read: () => Buffer;
}

/** A file of the test's, closed and removed at its end. */
function output(t: ExecutionContext): Output {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-profile-'));
  const path = join(directory, 'profile');
  const fd = openSync(path, 'wx+');
  t.teardown(() => {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  });
  return { fd, read: () => readFileSync(path) };
}

/** What a profile is of, and the names of its functions. */
function decoded(gzipped: Buffer): {
  readonly types: readonly string[];
  readonly functions: readonly string[];
} {
  const profile = Profile.decode(gunzipSync(gzipped));
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '';
  return {
    types: profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`),
    functions: profile.function.map(({ name }) => text(name)),
  };
}

realOneByOne('a processor profile: started twice, stopped twice, without a file; and what is in it', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    const { fd, read } = output(t);
    const path = { path: '' };
    t.is(await refusal(t, client.call('Profile.StopCPUProfile', null)), 'CPU profiling not started');
    t.is(await refusal(t, client.call('Profile.StartCPUProfile', path)), 'no output file provided');
    await client.call('Profile.StartCPUProfile', path, { files: [fd] });
    t.is(
      await refusal(t, client.call('Profile.StartCPUProfile', path, { files: [fd] })),
      'cpu profiling already in use',
    );
    for (let i = 0; i < 200; i++) await client.call('runstate.List', null);
    await client.call('Profile.StopCPUProfile', null);
    const { types, functions } = decoded(read());
    t.deepEqual(types, ['samples/count', 'cpu/nanoseconds']);
    t.true(functions.length > 0);
    t.is(await refusal(t, client.call('Profile.StopCPUProfile', null)), 'CPU profiling not started');
  }),
);

realOneByOne('a heap profile shows what is held, and by which function', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    const [first, second] = [output(t), output(t)];
    t.is(await refusal(t, client.call('Profile.HeapProfile', { path: '' })), 'no output file provided');
    await client.call('Profile.HeapProfile', { path: '' }, { files: [first.fd] });
    const held = holdMuch();
    await client.call('Profile.HeapProfile', { path: '' }, { files: [second.fd] });
    const { types, functions } = decoded(second.read());
    t.deepEqual(types, ['inuse_space/bytes']);
    t.true(functions.includes('holdMuch'));
    t.true(held.length > 0);
  }),
);

function holdMuch(): readonly object[] {
  return Array.from({ length: 200_000 }, (_none, index) => ({ index, text: `text ${index}` }));
}

realOneByOne('a trace has the transitions of the charts among the events of Node', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    const { fd, read } = output(t);
    t.is(await refusal(t, client.call('Profile.StopTrace', null)), 'execution tracing not started');
    await client.call('Profile.StartTrace', { path: '' }, { files: [fd] });
    t.is(
      await refusal(t, client.call('Profile.StartTrace', { path: '' }, { files: [fd] })),
      'tracing is already enabled',
    );
    await client.call('containerManager.Pause', null);
    await client.call('containerManager.Resume', null);
    await client.call('Profile.StopTrace', null);
    const names = namesOf(read());
    t.true(names.includes(`sandbox ${id}: pausing → paused`), names.slice(0, 20).join(', '));
    t.true(names.includes(`sandbox ${id}: resuming → running`));
  }),
);

function namesOf(text: Buffer): readonly string[] {
  const trace: unknown = JSON.parse(text.toString());
  if (typeof trace !== 'object' || trace === null || !('traceEvents' in trace)) return [];
  const { traceEvents } = trace;
  if (!Array.isArray(traceEvents)) return [];
  return traceEvents.flatMap((event: unknown) =>
    typeof event === 'object' && event !== null && 'name' in event ? [String(event.name)] : [],
  );
}

realOneByOne("what is under way at its sandbox's end is written then, and nothing stays open", async (t) => {
  const { fd, read } = output(t);
  let before = 0;
  await withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    before = openFiles();
    await client.call('Profile.StartCPUProfile', { path: '' }, { files: [fd] });
  });
  await until(() => read().length > 0, 'the profile was not written');
  t.deepEqual(decoded(read()).types, ['samples/count', 'cpu/nanoseconds']);
  await until(() => openFiles() <= before, 'descriptors are left open');
});

realOneByOne('a client that goes away in the middle gets what there is until then', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    const { fd, read } = output(t);
    const abort = new AbortController();
    const calling = client.call(
      'Profile.CPU',
      { duration: 60_000_000_000n },
      { files: [fd], signal: abort.signal },
    );
    setTimeout(() => abort.abort(), 200);
    await t.throwsAsync(calling);
    await until(() => read().length > 0, 'the profile was not written');
    // Another may begin at once.
    await client.call('Profile.CPU', { duration: 1_000_000n }, { files: [fd] });
  }),
);

realOneByOne('an output may be a pipe', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    const pipe = files.pipe({ nonBlocking: true });
    try {
      const pieces: Buffer[] = [];
      const into = Buffer.alloc(1 << 16);
      const calling = client.call('Profile.Heap', { delay: 0n }, { files: [pipe.write] });
      const drain = (): boolean => {
        for (
          let got = files.read(pipe.read, into);
          typeof got === 'number';
          got = files.read(pipe.read, into)
        )
          pieces.push(Buffer.from(into.subarray(0, got)));
        return true;
      };
      const reading = setInterval(drain, 5);
      try {
        await calling;
      } finally {
        clearInterval(reading);
      }
      drain();
      t.deepEqual(decoded(Buffer.concat(pieces)).types, ['inuse_space/bytes']);
    } finally {
      files.close(pipe.read);
      files.close(pipe.write);
    }
  }),
);

realOneByOne('a profile of a given length ends itself, not one that somebody else has begun since', (t) =>
  withSandbox(t, async ({ client, run, id }) => {
    await run(id);
    const [first, second] = [output(t), output(t)];
    const timed = client.call('Profile.CPU', { duration: 600_000_000n }, { files: [first.fd] });
    await until(async () => {
      const said = client.call('Profile.StartCPUProfile', { path: '' }, { files: [second.fd] });
      if (/already in use/.test(await said.then(() => '', String))) return true;
      await client.call('Profile.StopCPUProfile', null);
      return false;
    }, 'it was not begun');
    await client.call('Profile.StopCPUProfile', null);
    await client.call('Profile.StartCPUProfile', { path: '' }, { files: [second.fd] });
    await timed;
    await client.call('Profile.StopCPUProfile', null);
    for (const { read } of [first, second]) t.true(decoded(read()).functions.length > 0);
  }),
);
