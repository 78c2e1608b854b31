import { RunstateError } from '../../errors/index.ts';
import { checkId } from '../../oci/index.ts';
import type { ContainerSpec } from '../../oci/types.ts';
import type { LoadContainer, LoadedContainer, OnProgress } from '../../platforms/checkpoint.ts';
import type { ProcessFiles } from '../../platforms/platform.ts';
import { stageStatefile } from '../../statefile/index.ts';
import type { ContainerRecord } from '../container/container-record.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';
import { parseManifest, type Manifest, type ManifestContainer } from './manifest.ts';
import { Scratch } from './scratch.ts';

/** From what a sandbox is to be made. */
export interface RestoreRequest {
  /** The statefile's; stays the caller's. */
  readonly fd: number;
  readonly key: Uint8Array | undefined;
  /** It stands still until it is resumed. */
  readonly hold: boolean;
  /** New ids of sub-containers by those that they were saved with; any other keeps its own. */
  readonly names: Readonly<Record<string, string>>;
  /** For the root container, in place of what it was saved with. */
  readonly root: { readonly bundle: string; readonly spec: ContainerSpec } | undefined;
  /** The root's standard streams; undefined: of the created root that is replaced. */
  readonly files: ProcessFiles | undefined;
  readonly consoleSocket: string | undefined;
  readonly onProgress?: OnProgress | undefined;
}

interface Staged {
  readonly directory: string;
  readonly manifest: Manifest;
}

/** One restore under way: what the sandbox's chart has it do, step by step, and what it holds meanwhile. */
export class RestoreJob {
  readonly #system: SandboxSystem;
  readonly #request: RestoreRequest;
  readonly #scratch: Scratch;
  #staged: Staged | undefined;

  constructor(system: SandboxSystem, request: RestoreRequest) {
    this.#system = system;
    this.#request = request;
    this.#scratch = new Scratch(system.directory);
  }

  /**
   * Reads and verifies the whole file; nothing is touched.
   * @throws RunstateError STATEFILE_… as stageStatefile, CONTAINER_EXISTS, INVALID_ID, SPEC
   */
  stage(signal: AbortSignal): Promise<void> {
    return this.#scratch.during(async () => {
      const { fd, key, onProgress } = this.#request;
      const directory = await this.#scratch.directory();
      const { header } = await stageStatefile(fd, directory, {
        signal,
        ...(key === undefined ? {} : { key }),
        ...(onProgress === undefined ? {} : { onProgress }),
      });
      const here = this.#system.platformName;
      if (header.platform !== here)
        throw new RunstateError('STATEFILE_PLATFORM', { saved: header.platform, here });
      const manifest = parseManifest(header.manifest);
      const ids = manifest.containers.map((one) => this.#idOf(one, manifest));
      for (const [index, id] of ids.entries())
        if (ids.indexOf(id) !== index || (id !== this.#system.id && this.#system.has(id)))
          throw new RunstateError('CONTAINER_EXISTS', { id });
      this.#staged = { directory, manifest };
    });
  }

  /** Makes the containers, which stand still then. When it rejects, the sandbox is to be destroyed. @throws the platform's own */
  load(signal: AbortSignal): Promise<void> {
    return this.#scratch.during(async () => {
      if (this.#staged === undefined) throw new Error('nothing was staged that could be loaded');
      const { directory, manifest } = this.#staged;
      const { onProgress } = this.#request;
      const records = new Map(
        manifest.containers.map((one) => [one.cid, this.#record(this.#idOf(one, manifest))] as const),
      );
      const asked = manifest.containers
        .filter(({ state }) => state !== 'creating')
        .flatMap(({ cid }) => records.get(cid) ?? [])
        .map(({ port }) => port.ask((id) => ({ type: 'restore', id }), { signal }));
      // Told by what follows; a destroy meanwhile is told to whoever asked for the restore.
      const restored = Promise.allSettled(asked);
      onProgress?.({ phase: 'restore', bytes: 0 });
      const loaded = await this.#system.platform.load(
        { directory, containers: manifest.containers.flatMap((one) => this.#wanted(one, manifest)) },
        signal,
      );
      const byId = new Map(loaded.map((one) => [one.cid, one]));
      for (const one of manifest.containers) {
        const record = records.get(one.cid);
        if (record !== undefined && one.state !== 'creating')
          enter(record, one, byId.get(record.cid), this.#system.port.correlation);
      }
      await restored;
    });
  }

  /** Waits for what is under way and lets all go. @throws SystemError */
  close(): Promise<void> {
    return this.#scratch.close();
  }

  #idOf({ cid }: ManifestContainer, { sandbox }: Manifest): string {
    return cid === sandbox ? this.#system.id : checkId(this.#request.names[cid] ?? cid);
  }

  /** The root may be there already, created, to be replaced. */
  #record(cid: string): ContainerRecord {
    return this.#system.has(cid)
      ? this.#system.container(cid)
      : this.#system.register(cid, this.#system.port.correlation);
  }

  #wanted(one: ManifestContainer, manifest: Manifest): readonly LoadContainer[] {
    const { cid: savedCid, state, made } = one;
    if (made === undefined) return [];
    const cid = this.#idOf(one, manifest);
    const isRoot = cid === this.#system.id;
    const { root, files, consoleSocket } = this.#request;
    return [
      {
        ...made,
        ...(isRoot && root !== undefined ? root : {}),
        cid,
        savedCid,
        isRoot,
        isStarted: state !== 'created',
        files: isRoot ? files : [],
        ...(isRoot && consoleSocket !== undefined ? { consoleSocket } : {}),
      },
    ];
  }
}

function enter(
  record: ContainerRecord,
  one: ManifestContainer,
  loaded: LoadedContainer | undefined,
  correlation: string | undefined,
): void {
  const { made, state, status, pausedAlone } = one;
  if (made !== undefined)
    record.created({
      bundle: loaded?.bundle ?? made.bundle,
      ociVersion: made.spec.ociVersion,
      annotations: made.spec.annotations ?? {},
      hostPid: loaded?.hostPid ?? 0,
    });
  for (const pid of loaded?.processes ?? []) record.processes.started(pid, correlation);
  record.port.tell(
    {
      type: 'loaded',
      isStarted: state !== 'created',
      pausedAlone,
      ...(status === undefined ? {} : { status }),
    },
    correlation,
  );
}
