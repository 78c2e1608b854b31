import type { ContainerSpec } from '../../oci/types.ts';

/** The original's control.SaveOpts; the fields from LeaveRunning on are runstate's own. */
export interface CheckpointArgs {
  /** Of the keyed hash; null for a plain one. */
  readonly key: Uint8Array | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** The sandbox goes on when it is saved. */
  readonly LeaveRunning: boolean;
  /** `none` or `gzip`; "" is `none`. */
  readonly Compression: '' | 'none' | 'gzip';
  /** What is done with exec'd processes that cannot be saved; "" is `refuse`. */
  readonly Exec: '' | 'refuse' | 'kill';
}

/** The original's RestoreOpts; the fields from Key on are runstate's own. */
export interface SeedRestoreArgs {
  readonly SandboxID: string;
  readonly Key: Uint8Array | undefined;
  /** The sandbox stands still until it is resumed. */
  readonly Hold: boolean;
}

export interface RestoreArgs {
  readonly Key: Uint8Array | undefined;
  readonly Hold: boolean;
  /** New ids of sub-containers by those that they were saved with. */
  readonly Names: Readonly<Record<string, string>>;
  /** The root container's bundle and spec, in place of what it was saved with; null keeps that. */
  readonly Root: { readonly Bundle: string; readonly Spec: ContainerSpec } | null;
  /** Path of a listening Unix socket that gets the root's terminal; "" where there is no terminal. */
  readonly ConsoleSocket: string;
  /** The second file takes lines of progress; the root's standard streams come after it. */
  readonly Progress: boolean;
}

/** One line of JSON in a progress file. */
export interface ProgressLine {
  readonly phase: string;
  readonly bytes: number;
  readonly total?: number;
}
