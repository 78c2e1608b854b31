import type { OverlayKind } from '../platforms/platform.ts';
import type { ProcessChoices } from './process-spec.ts';
import type { RestoreOptions } from './restore.ts';
import type { StdioOptions } from './stdio.ts';

export interface Limits {
  /** Bytes, or with a unit: `512m`. */
  readonly memory?: number | string;
  /** How many processors' time it may use: `0.5`. */
  readonly cpus?: number;
  /** How many processes and threads it may have. */
  readonly pids?: number;
}

/** What a container is made of. */
export interface ContainerOptions extends ProcessChoices, StdioOptions {
  /** A directory, or a tar file, also one compressed by gzip. */
  readonly rootfs: string;
  /** The root file system may not be written to: true for a directory, which is yours; false for a tar file, of which the container gets a copy, and with an overlay. */
  readonly readonly?: boolean;
  /**
   * What the container writes to its root file system goes to a layer of its own, in memory or on disk, and containers
   * can share a directory that stays as it is. `none` unless set; that of the sandbox for those that `run` starts.
   */
  readonly overlay?: OverlayKind;
  /** The most that an overlay in memory may hold, in bytes or with a unit: half of the memory limit unless set. */
  readonly overlaySize?: number | string;
  readonly limits?: Limits;
  readonly hostname?: string;
  /**
   * What pid 1 of the container is: `runstate`, an init of runstate's own that starts the program, by which exec'd
   * processes are part of a checkpoint (so it is wherever that is possible, unless this says otherwise), or `none`: the
   * program itself.
   */
  readonly init?: 'runstate' | 'none';
}

export type OverlayOptions = Pick<ContainerOptions, 'overlay' | 'overlaySize'>;

/** What of a container's options says where it writes to. */
export const overlayOf = ({ overlay, overlaySize }: OverlayOptions): OverlayOptions => ({
  ...(overlay === undefined ? {} : { overlay }),
  ...(overlaySize === undefined ? {} : { overlaySize }),
});

export interface SandboxOptions extends ContainerOptions {
  /** Made up when there is none. */
  readonly id?: string;
  /** The root container's program. Without one it only waits, so that others can be run. */
  readonly args?: readonly string[];
  /** The run directory: $RUNSTATE_ROOT or /run/runstate unless set. */
  readonly root?: string;
  /** The OCI runtime's binary: `runc` unless set. */
  readonly runtime?: string;
  /** Logs every transition. */
  readonly debug?: boolean;
  /** Aborting it ends the creation; nothing is left then. */
  readonly signal?: AbortSignal;
}

export type RunOptions = Partial<Pick<ContainerOptions, 'rootfs'>> &
  Omit<ContainerOptions, 'rootfs'> & { readonly id?: string; readonly signal?: AbortSignal };

/** Its streams are those of the root container, where it had pipes or files of the outside: `ignore` unless set. */
export interface RestoreSandboxOptions
  extends RestoreOptions, StdioOptions, Pick<SandboxOptions, 'id' | 'root' | 'runtime' | 'debug'> {}

export interface ForkOptions extends Pick<SandboxOptions, 'runtime' | 'debug' | 'signal'> {
  /** They stand still until they are resumed. */
  readonly hold?: boolean;
  /** What is done with exec'd processes that cannot be saved: `refuse` unless set. */
  readonly exec?: 'refuse' | 'kill';
}
