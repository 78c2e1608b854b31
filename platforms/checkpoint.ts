/** What a platform saves of a sandbox, and makes one from. */
import type { ContainerSpec } from '../oci/types.ts';
import type { CreateOptions, ProcessFiles } from './platform.ts';

/** What a checkpoint does with exec'd processes that it cannot save: it refuses and names them, or kills them. */
export type ExecPolicy = 'refuse' | 'kill';

export interface SaveRequest {
  /** An existing, empty directory: what is written there, with folders, is all that `load` needs. */
  readonly directory: string;
  /** Those whose programs have started; the root, if it is among them, first. */
  readonly containers: readonly string[];
  /** Those whose programs have not: nothing of them is saved but what they are made from. */
  readonly created: readonly string[];
  readonly exec: ExecPolicy;
}

/** Called now and then; `total` is undefined where it is not known. */
export type OnProgress = (progress: Progress) => void;

export interface Progress {
  /** Of a checkpoint `dump` and `write`, of a restore `read` and `restore`. */
  readonly phase: string;
  readonly bytes: number;
  readonly total?: number;
}

/** What is known of a saved container beside its files. Plain data, for a manifest. */
export interface SavedContainer {
  readonly cid: string;
  readonly bundle: string;
  /** As it was created from, its root's path made absolute. */
  readonly spec: ContainerSpec;
  readonly options: CreateOptions;
  /** Exec'd processes that were saved with it, by their pids in the container's own numbering. */
  readonly processes: readonly number[];
}

export interface LoadRequest {
  /** As `save` left it. */
  readonly directory: string;
  /** The root first. */
  readonly containers: readonly LoadContainer[];
}

export interface LoadContainer extends SavedContainer {
  /** Its id when it was saved; `cid` is what it becomes. */
  readonly savedCid: string;
  readonly isRoot: boolean;
  /** False for one that is made anew, up to `created`. */
  readonly isStarted: boolean;
  /** Its init's standard streams, where they were pipes; undefined: of a created container that it replaces, that one's. */
  readonly files: ProcessFiles | undefined;
  /** As in CreateRequest. */
  readonly consoleSocket?: string;
}

export interface LoadedContainer {
  readonly cid: string;
  readonly hostPid?: number;
  /** Where its config.json lies now: what it was saved with may be gone. */
  readonly bundle: string;
  /** The exec'd processes that live again. */
  readonly processes: readonly number[];
}
