/**
 * What a platform must do: the only view that the actors have of the world below. Nothing here assumes Linux,
 * root, host pids or an OCI runtime. Every implementation passes the one suite in tests/platforms/compliance.
 *
 * Rules that all methods keep:
 * - They do not check lifecycle states: the charts above have done that.
 * - They settle within the deadline that their caller's AbortSignal sets; when aborted they stop what they
 *   started, or leave it where `destroy` finds it.
 * - Files are passed by descriptor and stay the caller's: what must live on is duplicated before returning.
 * - They reject with errors of the catalogue, the cause kept.
 */
import type { ContainerSpec, ProcessSpec } from '../oci/types.ts';
import type { AdoptRequest, AdoptedSandbox } from './adoption.ts';
import type { LoadRequest, LoadedContainer, SaveRequest, SavedContainer } from './checkpoint.ts';
import type { ExitStatus } from './exit-status.ts';
import type { PlatformInspection } from './inspection.ts';
import type { NetworkRequest } from './network.ts';

export interface Platform {
  /** Short and stable: `linux`, `memory`. */
  readonly name: string;
  /** What this machine can and cannot do, and why. Never rejects. */
  probe(): Promise<PlatformReport>;
  /** Makes what the sandbox's containers share. The listener is called for as long as the sandbox is open. */
  openSandbox(
    options: SandboxOptions,
    listener: PlatformListener,
    signal: AbortSignal,
  ): Promise<PlatformSandbox>;
  /**
   * Takes over what there is of a sandbox whose supervisor has died, and brings it about as it is asked for. Absent on a
   * platform whose containers end with their supervisor. Rejects with SYSTEM, and LEAKED when something does not go;
   * then it may be tried again.
   */
  adoptSandbox?(
    options: SandboxOptions,
    request: AdoptRequest,
    listener: PlatformListener,
    signal: AbortSignal,
  ): Promise<AdoptedSandbox>;
}

export interface PlatformReport {
  readonly platform: string;
  readonly checks: readonly ProbeCheck[];
}

export interface ProbeCheck {
  /** What was looked at, e.g. `runc`. */
  readonly name: string;
  /** `missing` makes the platform unusable; `limited` takes away what `detail` says. */
  readonly verdict: 'ok' | 'limited' | 'missing';
  /** What was found. */
  readonly detail: string;
  /** The command or setting that would mend it. */
  readonly remedy?: string;
}

export interface SandboxOptions {
  readonly id: string;
  /** An existing directory that is the platform's own for this sandbox; removed by `close`. */
  readonly directory: string;
}

/** Called at most once for each exit; never after `close` has resolved. */
export interface PlatformListener {
  /** The init process (pid undefined) or an exec'd one (pid in the container's own numbering) has ended. */
  exited(cid: string, pid: number | undefined, status: ExitStatus): void;
  /** The kernel killed something in the container for want of memory; `count` such kills so far. */
  oomKilled(cid: string, count: number): void;
}

export interface PlatformSandbox {
  /** For debugging. */
  readonly inspection: PlatformInspection;
  /** Makes the container: resources and a waiting init, user program not started. */
  create(request: CreateRequest, signal: AbortSignal): Promise<CreatedContainer>;
  /** Runs the user program of a created container. */
  start(cid: string, signal: AbortSignal): Promise<void>;
  /** Starts another process in a running container. */
  exec(cid: string, request: ExecRequest, signal: AbortSignal): Promise<StartedProcess>;
  /** Delivers a signal; 0 only probes. A frozen target has it pending. */
  signal(cid: string, target: SignalTarget, signo: number): Promise<void>;
  /** Stops one container, or (cid undefined) all of the sandbox at one instant. Resolves when all stand still. */
  freeze(cid: string | undefined, signal: AbortSignal): Promise<void>;
  /** Undoes `freeze` of the same scope; a container that was also frozen alone stays so. */
  thaw(cid: string | undefined, signal: AbortSignal): Promise<void>;
  processes(cid: string): Promise<readonly ProcessInfo[]>;
  stats(cid: string): Promise<ContainerStats>;
  /** Resolves when a process that no `exec` made (pid in the container's own numbering) has ended. */
  waitProcess(cid: string, pid: number, signal: AbortSignal): Promise<ExitStatus>;
  /**
   * Writes what is needed to make containers again. The sandbox is frozen as a whole, before and after, also when it
   * fails. Rejects with CHECKPOINT_REFUSED for what cannot be saved, and CHECKPOINT_FAILED.
   */
  save(request: SaveRequest, signal: AbortSignal): Promise<readonly SavedContainer[]>;
  /**
   * Makes containers from what `save` wrote, here or elsewhere: all of them, and the sandbox is frozen as a whole then,
   * or none. One that is created is replaced; that its init ends by this is not told. Rejects with RESTORE_FAILED.
   */
  load(request: LoadRequest, signal: AbortSignal): Promise<readonly LoadedContainer[]>;
  /**
   * Gives the sandbox interfaces, addresses and routes: all that is asked for, or nothing is changed. Calls are done one
   * after another. Interfaces and gateways are taken once: NETWORK_ONCE from then on. What is asked of the loopback is
   * added to what is there, and may be asked again. `close` gives each interface back to where it came from, as it was.
   * The files may be closed when this has resolved. Rejects with INVALID_ARGUMENT, LINK_FILE and LINK_UNUSABLE too.
   */
  network(request: NetworkRequest, signal: AbortSignal): Promise<void>;
  /** Kills all processes, waits for them, removes everything; idempotent; works from any state, also half-made. Rejects with LEAKED when something is left. */
  destroy(cid: string, signal: AbortSignal): Promise<void>;
  /** Destroys what is left and gives back what the sandbox owned. Idempotent. */
  close(signal: AbortSignal): Promise<void>;
}

/** Descriptors by the number that they get in the process: index 0 is stdin. An undefined one is /dev/null. */
export type ProcessFiles = readonly (number | undefined)[];

export interface CreateRequest {
  readonly cid: string;
  readonly isRoot: boolean;
  /** Absolute directory; relative paths of the spec start here. */
  readonly bundle: string;
  readonly spec: ContainerSpec;
  readonly files: ProcessFiles;
  /** A directory to use as the root file system in place of the spec's root.path. */
  readonly rootDirectory?: number;
  /** Where to send the master end of the terminal (path of a listening Unix socket); needed when the spec asks for a terminal. */
  readonly consoleSocket?: string;
  /** More arguments for the runtime that runs this container, e.g. `--no-pivot`. */
  readonly options?: CreateOptions;
}

export interface CreateOptions {
  readonly noPivot?: boolean | undefined;
  readonly noNewKeyring?: boolean | undefined;
  /**
   * What pid 1 of the container is. Where nobody says: `runstate` wherever that is possible, unless the program is
   * itself an init. NOT_SUPPORTED when `runstate` is asked for where it is not.
   */
  readonly init?: InitKind | undefined;
  /** What the container writes to its root file system goes there. Undefined: what its spec's annotations say, else the platform's default. */
  readonly overlay?: OverlayKind | undefined;
  /** The most that a layer in memory may hold, in bytes. Undefined: as the platform chooses. */
  readonly overlaySize?: number | undefined;
}

/** `runstate`: an init of runstate's own, which starts the program, reaps, and by which exec'd processes are part of a checkpoint. `none`: the program itself. */
export type InitKind = 'runstate' | 'none';

/**
 * A layer of the container's own above its root directory, which others may share and which stays as it is: in memory,
 * or on disk; `none` writes to the directory itself. The layer goes with the container.
 */
export type OverlayKind = 'memory' | 'disk' | 'none';

export interface CreatedContainer {
  /** The init's pid as the host sees it, where there is such a thing. */
  readonly hostPid?: number;
}

export interface ExecRequest {
  readonly process: ProcessSpec;
  readonly files: ProcessFiles;
  /** As in {@link CreateRequest}; needed when `process.terminal` is set. */
  readonly consoleSocket?: string;
  /** File 0 is a terminal's slave end: the process becomes its controlling process. Excludes `process.terminal`. */
  readonly stdioIsTerminal?: boolean;
}

export interface StartedProcess {
  /** In the container's own numbering. */
  readonly pid: number;
  readonly hostPid?: number;
}

export type SignalTarget =
  | { readonly kind: 'init' }
  /** pid in the container's own numbering. */
  | { readonly kind: 'process'; readonly pid: number }
  /** Every process of the container; none escapes by forking. */
  | { readonly kind: 'all' }
  /** The foreground group of the terminal of that process (undefined: of init). */
  | { readonly kind: 'foreground'; readonly pid: number | undefined };

export interface ProcessInfo {
  readonly uid: number;
  /** In the container's own numbering, as ppid. */
  readonly pid: number;
  readonly ppid: number;
  /** Share of one cpu over the process's life, in percent. */
  readonly c: number;
  /** Start: `HH:MM` today, else `MonDD`. */
  readonly stime: string;
  /** Processor time used, as Go prints a duration: `10ms`, `1.5s`, `0s`. */
  readonly time: string;
  readonly cmd: string;
  /** Its threads, in the container's own numbering. */
  readonly threads: readonly number[];
  /** Its terminal, as ps(1) names it: `pts/0`; `?` without one. */
  readonly tty: string;
  readonly hostPid?: number;
}

/** Counters of one container. Bytes, nanoseconds and counts. An undefined one was not to be had. */
export interface ContainerStats {
  readonly cpu: {
    readonly usage: bigint;
    readonly user: bigint;
    readonly kernel: bigint;
    readonly throttledTime: bigint;
    readonly throttledPeriods: bigint;
    readonly periods: bigint;
  };
  readonly memory: {
    readonly usage: bigint;
    readonly limit: bigint | undefined;
    readonly maxUsage: bigint | undefined;
    readonly failcnt: bigint;
    readonly cache: bigint;
    readonly rss: bigint;
    readonly swap: bigint;
    readonly swapLimit: bigint | undefined;
    readonly kernel: bigint;
    readonly kernelTcp: bigint;
    readonly oomKills: bigint;
  };
  readonly pids: { readonly current: bigint; readonly limit: bigint | undefined };
  readonly blkio: readonly BlockDeviceStats[];
}

export interface BlockDeviceStats {
  readonly major: number;
  readonly minor: number;
  readonly readBytes: bigint;
  readonly writeBytes: bigint;
  readonly readOps: bigint;
  readonly writeOps: bigint;
}
