/** Puts a sandbox where an example wants it, and makes its call. */
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { silent } from '../../log/logger.ts';
import { ControlClient, supervisorSocket } from '../../transport/client/index.ts';
import { serveSupervisor } from '../../transport/control/index.ts';
import type { MethodName, Result } from '../../transport/methods/index.ts';
import type { Before, Example, Given, Meanwhile, SentFile } from './examples.ts';
import { rootfs, type Bench } from './support.ts';

/** As the example's container is. */
const script = 'while :; do sleep 1; done';

/** Ms: a call that waits has begun to by then. */
const begun = 100;

export interface Prepared {
  readonly given: Given;
  /** Of the sandbox, or of the supervisor for its own methods. */
  readonly client: ControlClient;
  /** Opens what an example sends, closed at the end. */
  readonly open: (kinds: readonly SentFile[]) => readonly number[];
}

/** Runs something with the sandbox where it is wanted. */
export async function prepared(
  bench: Bench,
  method: MethodName,
  before: Before,
  use: (prepared: Prepared) => Promise<void>,
): Promise<void> {
  const files = new SentFiles(bench.root);
  try {
    const pid = await bring(bench, before, files);
    const given = { id: bench.id, pid, rootfs };
    const open = (kinds: readonly SentFile[]): readonly number[] => files.open(kinds);
    if (!method.startsWith('supervisor.')) {
      await use({ given, client: bench.client, open });
      return;
    }
    await using server = await serveSupervisor(bench.supervisor, silent, () => undefined);
    await using client = new ControlClient([supervisorSocket(bench.root)]);
    await use({ given, client, open });
    await server.stop({ timeout: 1000 });
  } finally {
    files.close();
  }
}

/** Makes the example's call, with what happens meanwhile. */
export async function callExample<M extends MethodName>(
  bench: Bench,
  method: M,
  example: Example<M>,
  { given, client, open }: Prepared,
): Promise<Result<M>> {
  const files = open(example.files ?? []);
  const calling = client.call(method, example.arg(given), { files, timeout: 30_000 });
  // Whatever comes of it is told below, also when what happens meanwhile fails first.
  calling.catch(() => undefined);
  if (example.meanwhile !== undefined) {
    await after(begun);
    await happen(bench, example.meanwhile, given, open);
  }
  return calling;
}

/** Gives the pid of an exec'd process, where there is one. */
async function bring({ client, create, run, id }: Bench, before: Before, files: SentFiles): Promise<number> {
  if (before === 'empty') return 0;
  if (before === 'created' || before === 'saved') {
    await create(id, script);
    return 0;
  }
  await run(id, script);
  if (before === 'sub registered') await client.call('containerManager.Create', 'sub');
  if (before === 'sub running') await run('sub', script);
  const { PID } = await client.call(
    'runstate.Execute',
    { CID: id, Process: { args: ['/bin/sleep', '100'], cwd: '/' }, ConsoleSocket: '' },
    { files: files.open(['null', 'null', 'null']) },
  );
  if (before === 'paused') await client.call('containerManager.Pause', null);
  if (before === 'root paused') await client.call('runstate.PauseContainer', { CID: id });
  const path = { path: '' };
  if (before === 'profiling')
    await client.call('Profile.StartCPUProfile', path, { files: files.open(['output']) });
  if (before === 'tracing') await client.call('Profile.StartTrace', path, { files: files.open(['output']) });
  return PID;
}

async function happen(
  { client }: Bench,
  what: Meanwhile,
  { id, pid }: Given,
  open: Prepared['open'],
): Promise<void> {
  if (what === 'the sandbox is destroyed') await client.call('containerManager.Destroy', id);
  else if (what === 'it is saved')
    await client.call(
      'containerManager.Checkpoint',
      { key: undefined, metadata: {}, LeaveRunning: true, Compression: '', Exec: '' },
      { files: open(['output']) },
    );
  else {
    const PID = what === 'the root is killed' ? 0 : pid;
    await client.call('containerManager.Signal', { CID: id, Signo: 9, PID, Mode: 0 });
  }
}

class SentFiles {
  readonly #directory: string;
  readonly #fds: number[] = [];

  constructor(root: string) {
    this.#directory = mkdtempSync(join(root, 'files-'));
  }

  /** Where the statefile is, for who writes one first. */
  get statefile(): string {
    return join(this.#directory, '..', 'statefile');
  }

  open(kinds: readonly SentFile[]): readonly number[] {
    return kinds.map((kind) => {
      const fd = this.#open(kind);
      this.#fds.push(fd);
      return fd;
    });
  }

  close(): void {
    for (const fd of this.#fds.splice(0)) closeSync(fd);
    rmSync(this.#directory, { recursive: true });
  }

  #open(kind: SentFile): number {
    switch (kind) {
      case 'null':
        return openSync('/dev/null', 'r+');
      case 'output':
        return openSync(join(this.#directory, `output-${this.#fds.length}`), 'wx+');
      case 'root':
        return openSync(rootfs, 'r');
      case 'statefile':
        return openSync(this.statefile, 'r');
    }
  }
}
