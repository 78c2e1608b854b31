import { closeSync, existsSync, mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { isError } from '../../errors/index.ts';
import { memoryPlatform } from '../../platforms/memory/index.ts';
import { soon } from '../support/waiting.ts';
import { compliance } from './compliance.ts';

const process = (args: readonly string[]) => ({ args, cwd: '/' });

compliance({
  name: 'memory',
  pace: 100,
  platform: memoryPlatform,
  process,
  spec: (args, resources) =>
    Promise.resolve({
      ociVersion: '1.0.2',
      process: process(args),
      ...(resources === undefined ? {} : { linux: { resources } }),
    }),
  makeLink: (t) => {
    const fd = openSync('/dev/null', 'r');
    t.teardown(() => closeSync(fd));
    return fd;
  },
  remains: ({ directory }) => (existsSync(directory) ? [directory] : []),
  programs: {
    forever: ['sleep', 'infinity'],
    exits: (code) => ['exit', String(code)],
    lasts: (ms) => ['sleep', String(ms / 1000)],
    traps: (signal, code) => ['trap', String(signal), String(code)],
    dies: (signal) => ['die', String(signal)],
    prints: (line) => ['echo', line],
    forks: ['/bin/fork', 'sleep', 'infinity'],
    hog: ['hog'],
    missing: ['nope'],
    notExecutable: ['/etc/text'],
  },
});

test('memory: says that nothing real runs, and refuses what would need that', async (t) => {
  const { checks } = await memoryPlatform().probe();
  t.like(checks[0], { verdict: 'limited' });
  t.regex(checks[0]?.detail ?? '', /nothing real runs/);
  const directory = mkdtempSync(join(tmpdir(), 'rs-memory-'));
  const listener = { exited: () => undefined, oomKilled: () => undefined };
  const sandbox = await memoryPlatform().openSandbox({ id: 's', directory }, listener, soon());
  const base = { cid: 's', isRoot: true, bundle: directory, files: [] };
  const spec = { ociVersion: '1.0.2', process: process(['true']) };
  for (const request of [
    { ...base, spec, options: { init: 'runstate' } as const },
    { ...base, spec: { ...spec, process: { ...spec.process, terminal: true } } },
  ]) {
    const error = await t.throwsAsync(sandbox.create(request, soon()));
    t.true(isError(error, 'NOT_SUPPORTED'), String(error));
  }
  await sandbox.close(soon());
  t.false(existsSync(directory));
});
