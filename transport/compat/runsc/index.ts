/** Has the original's own command line, `runsc`, find a sandbox of ours. */
import { existsSync, mkdirSync, watch, type FSWatcher } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../../actors/run-directory/replace-file.ts';
import type { ContainerRecord } from '../../../actors/container/container-record.ts';
import { destroyContainer } from '../../../actors/operations/destroy-container.ts';
import type { SandboxSystem } from '../../../actors/sandbox/sandbox-system.ts';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import { stringifyExact } from '../../../oci/index.ts';
import { recordFormats, type RecordFormat } from './records.ts';
import { removeRecords } from './remove-records.ts';
import { SandboxPid } from './sandbox-pid.ts';

/** Keeps the files by which `runsc --root` finds the containers of a sandbox, for as long as that is there. */
export class RunscRecords implements AsyncDisposable {
  readonly #root: string;
  readonly #system: SandboxSystem;
  #pid: SandboxPid;
  readonly #stop: () => void;
  readonly #watchers: readonly FSWatcher[];
  /** Those that have files, and the last writing of them. */
  readonly #written = new Map<string, Promise<void>>();
  /** Files that are there, as far as we know: one that could not be written was removed by nobody. */
  readonly #files = new Set<string>();
  #isEnding = false;

  private constructor(root: string, system: SandboxSystem, pid: SandboxPid) {
    this.#root = root;
    this.#system = system;
    this.#pid = pid;
    this.#stop = system.observe(({ kind, id }) => {
      if (kind === 'container') this.#update(id);
    });
    this.#watchers = recordFormats.map((format) => {
      const directory = join(root, format.directory);
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const watcher = watch(directory, { persistent: false }, () => this.#look(format));
      watcher.on('error', (cause) => system.log.warn("runsc's records are not watched any more", { cause }));
      return watcher;
    });
  }

  /** @param root runstate's `--root`, absolute @throws RunstateError OPERATION_FAILED */
  static async keep(root: string, system: SandboxSystem): Promise<RunscRecords> {
    let records: RunscRecords | undefined;
    const pid = await SandboxPid.start({
      onKilled: (killed) => {
        // `runsc delete` makes no call for the root container, but kills the sandbox's process and waits for its end.
        system.log.info('the process that stands for the sandbox was killed: it is destroyed');
        void destroy(system, system.id).finally(() => killed.release());
      },
      onReplaced: (next) => {
        if (records === undefined || records.#isEnding) {
          void next.release();
          return;
        }
        const { pid: number } = next;
        system.log.warn('the process that stands for the sandbox was lost: there is another', {
          pid: number,
        });
        records.#replaced(next);
      },
      onLost: (cause) => system.log.error('nothing stands for the sandbox any more', { cause }),
    });
    try {
      records = new RunscRecords(root, system, pid);
      // Of a sandbox that was taken over.
      for (const { cid } of system.containers) records.#update(cid);
      return records;
    } catch (cause) {
      // E.g. too many directories are watched already.
      await pid.release();
      const params = { verb: 'keep records of', kind: 'sandbox', id: system.id, why: messageOf(cause) };
      throw new RunstateError('OPERATION_FAILED', params, { cause });
    }
  }

  /** Another process stands for the sandbox. */
  #replaced(pid: SandboxPid): void {
    this.#pid = pid;
    for (const { cid } of this.#system.containers) this.#update(cid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    this.#stop();
    for (const watcher of this.#watchers) watcher.close();
    await Promise.allSettled(this.#written.values());
    for (const cid of this.#written.keys()) this.#remove(cid);
    await this.#pid.release();
  }

  /** One that has ended makes no call when it is deleted: only its record goes. */
  #look(format: RecordFormat): void {
    if (this.#isEnding) return;
    for (const { cid, port } of this.#system.containers) {
      const path = this.#pathOf(format, cid);
      if (!this.#files.has(path) || !port.hasTag('ended') || existsSync(path)) continue;
      this.#files.delete(path);
      this.#written.delete(cid);
      this.#system.log.info("a container's record was removed: it is destroyed", { container: cid });
      void destroy(this.#system, cid);
    }
  }

  /** One after the other for each container: the last is what counts. */
  #update(cid: string): void {
    const before = this.#written.get(cid) ?? Promise.resolve();
    const next = before
      .then(() => this.#write(cid))
      .catch((cause: unknown) =>
        this.#system.log.warn("runsc's record of a container was not written", { container: cid, cause }),
      );
    this.#written.set(cid, next);
  }

  async #write(cid: string): Promise<void> {
    const record = this.#system.containers.find((one) => one.cid === cid);
    if (record === undefined || record.publicState === 'destroyed') {
      this.#remove(cid);
      this.#written.delete(cid);
      return;
    }
    // It is not made yet: the original has no file of it either.
    if (record.facts.bundle === '') return;
    // The original's sandbox ends with its root container; the record stays until it is deleted. While it is being
    // destroyed the pid stays taken: `runsc delete` takes its end for that of all that the sandbox had.
    if (record.isRoot && record.port.hasTag('ended') && !record.port.hasTag('busy') && !this.#pid.wasKilled)
      await this.#pid.release();
    const { spec, bundle } = await this.#system.platform.inspection.madeFrom(cid);
    for (const format of recordFormats) this.#writeOne(format, record, { spec, bundle });
  }

  #writeOne(
    format: RecordFormat,
    { cid, publicState, registeredAt }: ContainerRecord,
    made: Awaited<ReturnType<SandboxSystem['platform']['inspection']['madeFrom']>>,
  ): void {
    const root = join(this.#root, format.directory);
    const sandbox = this.#system.id;
    const path = this.#pathOf(format, cid);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const facts = {
      cid,
      sandbox,
      sandboxPid: this.#pid.pid,
      createdAt: registeredAt,
      state: publicState,
      ...made,
    };
    replaceFile(path, stringifyExact(format.record(facts, root)));
    this.#files.add(path);
  }

  #pathOf(format: RecordFormat, cid: string): string {
    return join(this.#root, format.directory, format.files({ cid, sandbox: this.#system.id })[0]);
  }

  #remove(cid: string): void {
    for (const format of recordFormats) this.#files.delete(this.#pathOf(format, cid));
    removeRecords(this.#root, this.#system.id, cid);
  }
}

async function destroy(system: SandboxSystem, cid: string): Promise<void> {
  const { signal } = new AbortController();
  try {
    await destroyContainer(system, cid, { signal, correlation: 'runsc', log: system.log });
  } catch (cause) {
    system.log.error('a container was not destroyed', { container: cid, cause });
  }
}
