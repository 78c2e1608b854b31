/** Shapes of the methods that look inside, by the names of their fields on the wire. */

/** The original's control.ProfileOpts. The path is not used: the file comes along. */
export interface ProfileArgs {
  readonly path: string;
}

/** As later releases have it; nanoseconds, as Go's time.Duration. */
export interface TimedProfileArgs {
  readonly duration: bigint;
}

export interface HeapArgs {
  readonly delay: bigint;
}

/** The original's control.LoggingArgs, with the names that later releases gave its fields. */
export interface LoggingArgs {
  readonly SetLevel: boolean;
  readonly Level: string;
  readonly SetLogPackets: boolean;
  readonly LogPackets: boolean;
  readonly SetStrace: boolean;
  readonly EnableStrace: boolean;
  /** System calls by name; none is all. Of 2019. */
  readonly StraceWhitelist: readonly string[];
  /** The same, later. */
  readonly StraceAllowlist: readonly string[];
  readonly SetEventStrace: boolean;
  readonly StraceEventWhitelist: readonly string[];
  readonly StraceEventAllowlist: readonly string[];
}

/** Bytes, as the original's control.MemoryUsage. */
export interface MemoryUsage {
  readonly Unknown: bigint;
  readonly System: bigint;
  readonly Anonymous: bigint;
  readonly PageCache: bigint;
  readonly Mapped: bigint;
  readonly Tmpfs: bigint;
  readonly Ramdiskfs: bigint;
  readonly Total: bigint;
}

export interface MetricsArgs {
  /** A regular expression that names must match; "" is all. */
  readonly only_metrics: string;
}

export interface MetricsResult {
  /** In Prometheus' text format. */
  readonly text: string;
}

/** A file of a container's cgroup. */
export interface ControlFileName {
  /** `cpu`, `memory`, … */
  readonly controller: string;
  /** From the container's own cgroup on: "/" is that. */
  readonly path: string;
  /** `cpu.shares`, `memory.max`, … */
  readonly name: string;
}

export interface ControlFilesReadArgs {
  /** runstate's own: of which container; "" is the root. */
  readonly CID: string;
  readonly args: readonly { readonly file: ControlFileName }[];
}

export interface ControlFilesWriteArgs {
  readonly CID: string;
  readonly args: readonly { readonly file: ControlFileName; readonly value: string }[];
}

export interface ControlFilesResult {
  readonly results: readonly { readonly value: string; readonly is_error: boolean }[];
}

interface Ids {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
}

/** One process, as the original's procfs.ProcessProcfsDump. */
export interface WireProcfsDump {
  readonly exe: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly fdlist: readonly { readonly number: number; readonly path: string; readonly mode: number }[];
  /** Nanoseconds since the Unix epoch. */
  readonly clone_ts: bigint;
  readonly root: string;
  readonly limits: Readonly<Record<string, { readonly cur: bigint; readonly max: bigint }>>;
  readonly cgroup: readonly {
    readonly hierarchy_id: number;
    readonly controllers: string;
    readonly path: string;
  }[];
  readonly status: {
    readonly comm: string;
    readonly pid: number;
    readonly ppid: number;
    readonly uid: Ids;
    readonly gid: Ids;
    readonly vm_size: bigint;
    readonly vm_rss: bigint;
  };
  readonly stat: { readonly pgid: number; readonly sid: number };
  /** runstate's own: the container that it is in. */
  readonly container: string;
}

/** A file out of a container: runstate's own shape. */
export interface ReadFileArgs {
  /** "" is the root container. */
  readonly CID: string;
  /** As its processes name it. */
  readonly path: string;
}
