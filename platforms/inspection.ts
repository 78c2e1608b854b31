/** What a platform shows of the inside of its containers, for debugging. Rules: see platform.ts. */

import type { ContainerSpec } from '../oci/types.ts';

export interface PlatformInspection {
  /** What there is of a container now, whatever anybody remembers of it. */
  observe(cid: string): Promise<ObservedState>;
  /** What a created container was made from: as it was given, but that its root's path is absolute. */
  madeFrom(cid: string): Promise<{ readonly bundle: string; readonly spec: ContainerSpec }>;
  /** Where each thread of each process stands. */
  stacks(cid: string): Promise<readonly ProcessStacks[]>;
  /** What the kernel tells of each process. */
  procfs(cid: string): Promise<readonly ProcfsDump[]>;
  /**
   * The text of a file of the container's cgroup. Rejects with CONTROLLER_NOT_ACTIVE, CONTROL_FILE; NOT_SUPPORTED where
   * there are no cgroups.
   */
  readControlFile(cid: string, file: ControlFile): Promise<string>;
  /** Writes one, as {@link readControlFile}. */
  writeControlFile(cid: string, file: ControlFile, value: string): Promise<void>;
  /**
   * Opens a regular file for reading, by the path that the container's processes know it by. The descriptor is the
   * caller's to close. Rejects with CONTAINER_FILE; NOT_SUPPORTED where there are no files.
   */
  openFile(cid: string, path: string): Promise<number>;
  /**
   * From now on the system calls of all processes of all containers go to the log, also of those that come later;
   * undefined: no more. While it is so no checkpoint can be made. Rejects with NOT_SUPPORTED.
   */
  traceCalls(options: TraceCallsOptions | undefined): Promise<void>;
}

export interface ObservedState {
  /** A zombie is gone. */
  readonly init: 'there' | 'gone';
  /** All of its processes stand still, by themselves or with their sandbox. */
  readonly isFrozen: boolean;
  readonly processes: number;
}

export interface TraceCallsOptions {
  /** Names of system calls; none is all. */
  readonly calls: readonly string[];
}

export interface ControlFile {
  /** `cpu`, `memory`, …; on cgroup v2 the file's name alone decides. */
  readonly controller: string;
  /** From the container's cgroup on. */
  readonly path: string;
  readonly name: string;
}

export interface ProcessStacks {
  /** In the container's own numbering. */
  readonly pid: number;
  readonly command: string;
  readonly threads: readonly ThreadStack[];
}

export interface ThreadStack {
  readonly tid: number;
  readonly name: string;
  /** `R`, `S`, `D`, … (proc_pid_stat(5)). */
  readonly state: string;
  /** The innermost call first; none where the platform shows none. */
  readonly stack: readonly string[];
}

export interface Ids {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
}

export interface ProcfsDump {
  /** In the container's own numbering, as all pids here. */
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly command: string;
  readonly exe: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly root: string;
  readonly fds: readonly { readonly number: number; readonly path: string; readonly mode: number }[];
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  /** By the names of getrlimit(2). */
  readonly limits: Readonly<Record<string, { readonly cur: bigint; readonly max: bigint }>>;
  readonly cgroups: readonly { readonly id: number; readonly controllers: string; readonly path: string }[];
  readonly uid: Ids;
  readonly gid: Ids;
  /** KiB, as /proc has them. */
  readonly vmSize: bigint;
  readonly vmRss: bigint;
}
