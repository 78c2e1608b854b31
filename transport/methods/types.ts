/**
 * The shapes of every control method's argument and result: what a typed client sends and a server's handler gets.
 * The names of fields are those that go over the wire. `null` is an argument or result that carries nothing.
 * The table beside this (table.ts) holds, for each, the decoder of the argument and how many files it takes.
 */
import type { CheckpointArgs, RestoreArgs, SeedRestoreArgs } from './checkpoint-types.ts';
import type {
  ControlFilesReadArgs,
  ControlFilesResult,
  ControlFilesWriteArgs,
  HeapArgs,
  LoggingArgs,
  MemoryUsage,
  MetricsArgs,
  MetricsResult,
  ProfileArgs,
  ReadFileArgs,
  TimedProfileArgs,
  WireProcfsDump,
} from './debug-types.ts';
import type { InspectArgs, InspectedActor, ObserveArgs } from './inspect-types.ts';
import type { CreateLinksAndRoutesArgs } from './network-types.ts';
import type { ContainerSpec, OciState, ProcessSpec } from '../../oci/types.ts';

export interface MethodTypes {
  // The seed's, by its names (containerManager of gVisor's runsc/boot/controller.go, 2019).
  'containerManager.Create': { arg: string; result: null };
  'containerManager.StartRoot': { arg: string; result: null };
  'containerManager.Start': { arg: StartArgs; result: null };
  /** The pid in the container's own numbering. */
  'containerManager.ExecuteAsync': { arg: ExecArgs; result: number };
  /** Linux wait status. */
  'containerManager.Wait': { arg: string; result: number };
  'containerManager.WaitPID': { arg: WaitPidArgs; result: number };
  'containerManager.Signal': { arg: SignalArgs; result: null };
  'containerManager.SignalProcess': { arg: SignalArgs; result: null };
  'containerManager.Destroy': { arg: string; result: null };
  'containerManager.Processes': { arg: string; result: readonly WireProcess[] };
  /** Argument: a container id; null or "" is the root container. */
  'containerManager.Event': { arg: string | null; result: EventOut };
  'containerManager.Pause': { arg: null; result: null };
  'containerManager.Resume': { arg: null; result: null };

  /** Files: where the state goes, then optionally one that takes lines of progress. */
  'containerManager.Checkpoint': { arg: CheckpointArgs; result: null };
  /** Files: the statefile, then optionally a device, which is not used. */
  'containerManager.Restore': { arg: SeedRestoreArgs; result: null };

  // The seed's, of other names.
  /** Text for people. */
  'debug.Stacks': { arg: null; result: string };
  /** Files: where the profile goes. */
  'Profile.StartCPUProfile': { arg: ProfileArgs; result: null };
  'Profile.StopCPUProfile': { arg: null; result: null };
  'Profile.HeapProfile': { arg: ProfileArgs; result: null };
  'Profile.StartTrace': { arg: ProfileArgs; result: null };
  'Profile.StopTrace': { arg: null; result: null };
  /** The result is 0, as the original's. */
  'Logging.Change': { arg: LoggingArgs; result: number };

  // Names of later releases (2022, 2024).
  /** Files: optionally the terminal that Start's files do not have. */
  'containerManager.CreateSubcontainer': { arg: CidArgs; result: null };
  'containerManager.StartSubcontainer': { arg: StartArgs; result: null };
  'containerManager.DestroySubcontainer': { arg: string; result: null };
  /** Files: as CreateLinksAndRoutes'. */
  'containerManager.SetNetworkArgs': { arg: CreateLinksAndRoutesArgs; result: null };
  'Lifecycle.Pause': { arg: null; result: null };
  'Lifecycle.Resume': { arg: null; result: null };
  /** 0 there is no such container, 1 creating or created, 2 running or paused, 3 stopped. */
  'containerManager.ContainerRuntimeState': { arg: string; result: number };
  /** Answers when the next checkpoint is done. */
  'containerManager.WaitCheckpoint': { arg: null; result: null };
  /** Answers when a restore is done: at once where none is under way. */
  'containerManager.WaitRestore': { arg: null; result: null };
  'Profile.CPU': { arg: TimedProfileArgs; result: null };
  'Profile.Heap': { arg: HeapArgs; result: null };
  'Profile.Trace': { arg: TimedProfileArgs; result: null };
  'Usage.Collect': { arg: { readonly Full: boolean }; result: MemoryUsage };
  'Metrics.Export': { arg: MetricsArgs; result: MetricsResult };
  'Cgroups.ReadControlFiles': { arg: ControlFilesReadArgs; result: ControlFilesResult };
  'Cgroups.WriteControlFiles': { arg: ControlFilesWriteArgs; result: ControlFilesResult };
  /** All processes of all containers. */
  'containerManager.ProcfsDump': { arg: null; result: readonly WireProcfsDump[] };
  /** Files: where the content goes. The result is how many bytes it has. */
  'Fs.Read': { arg: ReadFileArgs; result: number };
  /** Files: for each of FDBasedLinks as many as its NumChannels. */
  'Network.CreateLinksAndRoutes': { arg: CreateLinksAndRoutesArgs; result: null };

  // runstate's own: what an OCI command line and the library need beyond the seed.
  /** Makes a container from a bundle up to OCI's `created`: root first, then sub-containers. Files: stdin, stdout, stderr, then any more for descriptors 3…. */
  'runstate.Create': { arg: CreateArgs; result: ContainerState };
  'runstate.Start': { arg: CidArgs; result: null };
  /** As ExecuteAsync, but with OCI's process document. Files: as Create's. */
  'runstate.Execute': { arg: ExecuteArgs; result: ExecuteResult };
  'runstate.State': { arg: CidArgs; result: ContainerState };
  /** All containers of the sandbox, the root first. */
  'runstate.List': { arg: null; result: readonly ContainerState[] };
  /** One container alone. The root container's own processes, not the sandbox. */
  'runstate.PauseContainer': { arg: CidArgs; result: null };
  'runstate.ResumeContainer': { arg: CidArgs; result: null };
  'runstate.Restore': { arg: RestoreArgs; result: null };
  'runstate.Stats': { arg: CidArgs; result: WireStats };
  /** Answers when the container has seen more than Seen out-of-memory kills, with the new count; with -1 when it has ended. */
  'runstate.WaitOom': { arg: { readonly CID: string; readonly Seen: number }; result: number };

  /** Files: where the lines of Observation go. */
  'runstate.Observe': { arg: ObserveArgs; result: null };
  /** One chart, looked at closely. */
  'runstate.Inspect': { arg: InspectArgs; result: InspectedActor };
  /** Observers see the text among what happens. */
  'runstate.Note': { arg: { readonly Text: string }; result: null };

  // A supervisor of many sandboxes (`runstate serve`), on its own socket.
  'supervisor.Boot': { arg: { readonly ID: string }; result: SandboxState };
  'supervisor.List': { arg: null; result: readonly SandboxState[] };
  /** Destroys every sandbox when Destroy is set, else refuses while one lives; then the supervisor ends. */
  'supervisor.Shutdown': { arg: { readonly Destroy: boolean }; result: null };
}

export type MethodName = keyof MethodTypes;
export type Arg<M extends MethodName> = MethodTypes[M]['arg'];
export type Result<M extends MethodName> = MethodTypes[M]['result'];

export interface CidArgs {
  readonly CID: string;
}

export interface StartArgs {
  readonly Spec: ContainerSpec;
  /** The runsc-specific configuration; must be there, is otherwise not used. */
  readonly Conf: Readonly<Record<string, unknown>>;
  readonly CID: string;
}

/** The original's control.ExecArgs, by the names that its struct tags give the fields. */
export interface ExecArgs {
  /** The program; "" takes argv[0]. */
  readonly filename: string;
  readonly argv: readonly string[];
  readonly envv: readonly string[];
  /** Working directory. */
  readonly wd: string;
  readonly KUID: number;
  readonly KGID: number;
  readonly ExtraKGIDs: readonly number[];
  /** Bit n of each set is capability number n. */
  readonly Capabilities: CapabilitySets | null;
  readonly StdioIsPty: boolean;
  readonly ContainerID: string;
}

export interface CapabilitySets {
  readonly PermittedCaps: bigint;
  readonly InheritableCaps: bigint;
  readonly EffectiveCaps: bigint;
  readonly BoundingCaps: bigint;
  readonly AmbientCaps: bigint;
}

export interface WaitPidArgs {
  readonly PID: number;
  readonly CID: string;
}

export interface SignalArgs {
  readonly CID: string;
  readonly Signo: number;
  readonly PID: number;
  /** 0 process, 1 all processes of the container, 2 the terminal's foreground group. */
  readonly Mode: number;
}

export interface WireProcess {
  readonly uid: number;
  readonly pid: number;
  readonly ppid: number;
  readonly c: number;
  readonly stime: string;
  readonly time: string;
  readonly cmd: string;
  /** Of 2022 and later, as the next. */
  readonly threads: readonly number[];
  readonly tty: string;
}

/** runc's event, as the seed answers it (memory and pids), with cpu added. */
export interface EventOut extends StatsEvent {
  /** The same, where clients of 2022 and later look for it. */
  readonly event: StatsEvent;
  /** Processor time by container, in ns, as they want it too. */
  readonly containerUsage: Readonly<Record<string, bigint>>;
}

export interface StatsEvent {
  readonly type: 'stats';
  readonly id: string;
  readonly data: WireStats;
}

/** The field names of runc's `events --stats`; counters are exact 64-bit integers. */
export interface WireStats {
  readonly cpu: {
    readonly usage: { readonly total: bigint; readonly kernel: bigint; readonly user: bigint };
    readonly throttling: {
      readonly periods: bigint;
      readonly throttledPeriods: bigint;
      readonly throttledTime: bigint;
    };
  };
  readonly memory: {
    readonly cache: bigint;
    readonly usage: WireMemory;
    readonly swap: WireMemory;
    readonly kernel: WireMemory;
    readonly kernelTCP: WireMemory;
    readonly raw: Readonly<Record<string, bigint>>;
  };
  readonly pids: { readonly current?: bigint; readonly limit?: bigint };
  readonly blkio: {
    readonly ioServiceBytesRecursive: readonly WireBlkio[];
    readonly ioServicedRecursive: readonly WireBlkio[];
  };
}

export interface WireMemory {
  readonly limit: bigint;
  readonly usage?: bigint;
  readonly max?: bigint;
  readonly failcnt: bigint;
}

export interface WireBlkio {
  readonly major: number;
  readonly minor: number;
  readonly op: 'Read' | 'Write';
  readonly value: bigint;
}

export interface CreateArgs {
  readonly CID: string;
  /** Absolute path of the bundle directory. */
  readonly Bundle: string;
  /** The bundle's config.json, or what stands in for it. */
  readonly Spec: ContainerSpec;
  /** Path of a listening Unix socket that gets the terminal's master end; "" where there is no terminal. */
  readonly ConsoleSocket: string;
  readonly NoPivot: boolean;
  readonly NoNewKeyring: boolean;
  /** What its pid 1 is; without it the platform decides. */
  readonly Init?: 'runstate' | 'none' | undefined;
  /** A layer of its own above the root file system; without, what the spec's annotations say or the supervisor's default. */
  readonly Overlay?: 'memory' | 'disk' | 'none' | undefined;
  /** The most that one in memory may hold, in bytes. */
  readonly OverlaySize?: number | undefined;
}

export interface ExecuteArgs {
  readonly CID: string;
  readonly Process: ProcessSpec;
  readonly ConsoleSocket: string;
}

export interface ExecuteResult {
  readonly PID: number;
  /** As the host numbers it; 0 where there is none. */
  readonly HostPID: number;
}

/** What the supervisor believes of a container: OCI's state document and more. */
export interface ContainerState extends OciState {
  /** The chart's own state, which tells transient ones apart (`pausing`). */
  readonly chart: string;
  readonly sandbox: string;
  /** RFC 3339. */
  readonly created: string;
  /** Linux wait status when stopped and known. */
  readonly exitStatus?: number;
  readonly oomKills: number;
}

export interface SandboxState {
  readonly ID: string;
  readonly Chart: string;
  /** The supervisor's process. */
  readonly PID: number;
  readonly Containers: number;
}
