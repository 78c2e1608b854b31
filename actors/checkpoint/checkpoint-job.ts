import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RunstateError } from '../../errors/index.ts';
import type { PublicState } from '../../machines/public-state.ts';
import type { ExecPolicy, OnProgress, SavedContainer } from '../../platforms/checkpoint.ts';
import { packageVersion } from '../../version.ts';
import { StatefileWriter, type Compression } from '../../statefile/index.ts';
import type { ContainerRecord } from '../container/container-record.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';
import { followSize, sizeOf } from './follow-size.ts';
import type { Manifest, ManifestContainer } from './manifest.ts';
import { Scratch } from './scratch.ts';

/** How a sandbox is to be saved. */
export interface CheckpointRequest {
  /** The statefile's; stays the caller's. */
  readonly fd: number;
  /** Of the keyed hash; a plain one without. */
  readonly key: Uint8Array | undefined;
  /** Kept in the file for whoever reads it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly leaveRunning: boolean;
  readonly compression: Compression;
  readonly exec: ExecPolicy;
  readonly onProgress?: OnProgress | undefined;
}

/** One checkpoint under way: what the sandbox's chart has it do, step by step, and what it holds meanwhile. */
export class CheckpointJob {
  readonly #system: SandboxSystem;
  readonly #request: CheckpointRequest;
  readonly #scratch: Scratch;
  #manifest: Manifest | undefined;

  constructor(system: SandboxSystem, request: CheckpointRequest) {
    this.#system = system;
    this.#request = request;
    this.#scratch = new Scratch(system.directory);
  }

  /** Saves memory and files of the sandbox, which stands still. @throws the platform's own */
  dump(signal: AbortSignal): Promise<void> {
    return this.#scratch.during(async () => {
      const { exec, onProgress } = this.#request;
      const records = this.#system.containers;
      const directory = await this.#scratch.directory();
      const saved = await followSize(directory, 'dump', onProgress, () =>
        this.#system.platform.save(
          {
            directory,
            containers: records.filter(isStarted).map(({ cid }) => cid),
            created: records.filter(isCreated).map(({ cid }) => cid),
            exec,
          },
          signal,
        ),
      );
      const made = new Map(saved.map((one) => [one.cid, one]));
      this.#manifest = {
        sandbox: this.#system.id,
        containers: records.flatMap((record) => describe(record, made.get(record.cid))),
      };
    });
  }

  /** Writes the statefile from what was dumped. @throws RunstateError as StatefileWriter */
  write(signal: AbortSignal): Promise<void> {
    return this.#scratch.during(async () => {
      const manifest = this.#manifest;
      if (manifest === undefined) throw new Error('nothing was dumped that could be written');
      const { fd, key, metadata, compression, onProgress } = this.#request;
      const directory = await this.#scratch.directory();
      const header = {
        ...{ metadata, manifest },
        ...{ platform: this.#system.platformName, version: packageVersion() },
      };
      const options = { compression, signal, ...(key === undefined ? {} : { key }) };
      const names = await filesBelow(directory);
      await using writer = await StatefileWriter.open(fd, header, {
        ...options,
        ...(onProgress === undefined ? {} : { onProgress, total: await sizeOf(directory) }),
      });
      for (const name of names) await writer.addFile(name, join(directory, name));
      await writer.finish();
    });
  }

  /** Waits for what is under way and lets all go. @throws SystemError */
  close(): Promise<void> {
    return this.#scratch.close();
  }
}

const isStarted = ({ publicState }: ContainerRecord): boolean =>
  publicState === 'running' || publicState === 'paused';
const isCreated = ({ publicState }: ContainerRecord): boolean => publicState === 'created';

/** Nothing of one that is destroyed, or only waits to be. */
function describe(record: ContainerRecord, made: SavedContainer | undefined): readonly ManifestContainer[] {
  const { cid, status } = record;
  const pausedAlone = record.port.snapshot?.context.pausedAlone ?? false;
  const state = stateToSave(record.publicState, pausedAlone);
  if (state === 'destroyed' || state === 'checkpointed' || state === 'restored') return [];
  // Shown as stopped while it is being destroyed, also when its init has not ended.
  if (state === 'stopped' && status === undefined) return [];
  if (made === undefined && (state === 'created' || state === 'running' || state === 'paused'))
    throw new RunstateError('CHECKPOINT_REFUSED', {
      kind: 'container',
      id: cid,
      why: `it came to be in state ${state} meanwhile`,
    });
  return [
    {
      cid,
      state,
      pausedAlone,
      ...(status === undefined ? {} : { status }),
      ...(made === undefined
        ? {}
        : {
            made: { bundle: made.bundle, spec: made.spec, options: made.options, processes: made.processes },
          }),
    },
  ];
}

/** All stand still while they are saved: only what was frozen alone is paused by itself. */
function stateToSave(state: PublicState, pausedAlone: boolean): PublicState {
  if (state !== 'running' && state !== 'paused') return state;
  return pausedAlone ? 'paused' : 'running';
}

/** Paths from the directory on, sorted: the same sandbox gives the same order. */
async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}
