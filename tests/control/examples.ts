/**
 * An example of every control method: docs/control-protocol.md shows them, and every-method.test.ts calls them, so that
 * what the document shows is what happens.
 */
import type { ErrorCode } from '../../errors/index.ts';
import { defaultSpec } from '../../oci/index.ts';
import type { Arg, MethodName, Result } from '../../transport/methods/index.ts';

/** What an example names. */
export interface Given {
  /** Of the sandbox, so of its root container. */
  readonly id: string;
  /** Of a process that an exec has started. */
  readonly pid: number;
  /** A directory with a root file system. */
  readonly rootfs: string;
}

/** How the sandbox is before the call. `sub` is a sub-container. */
export type Before =
  | 'empty'
  | 'created'
  | 'running'
  | 'paused'
  | 'root paused'
  | 'sub registered'
  | 'sub running'
  | 'profiling'
  | 'tracing'
  | 'saved';

/** What else happens while the call waits. */
export type Meanwhile =
  'the sandbox is destroyed' | 'the root is killed' | 'the process is killed' | 'it is saved';

/** A file that is sent: `statefile` is one that was written; `root` a directory. */
export type SentFile = 'null' | 'output' | 'statefile' | 'root';

export interface Example<M extends MethodName> {
  readonly before: Before;
  readonly meanwhile?: Meanwhile;
  readonly arg: (given: Given) => Arg<M>;
  readonly files?: readonly SentFile[];
  readonly result: (given: Given) => Result<M>;
  /** In which states of the sandbox, or of the container that it names, it is taken. */
  readonly states: string;
  /** Beside those that any call may give: see the document. */
  readonly errors: readonly ErrorCode[];
}

const shell = (rootfs: string) =>
  defaultSpec({ args: ['/bin/sh', '-c', 'while :; do sleep 1; done'], rootfs });

const exec = ({ id }: Given): Arg<'containerManager.ExecuteAsync'> => ({
  ...{ filename: '/bin/echo', argv: ['echo', 'hello'], envv: ['PATH=/bin'], wd: '/', KUID: 0, KGID: 0 },
  ...{ ExtraKGIDs: [], Capabilities: null, StdioIsPty: false, ContainerID: id },
});

const loopback: Arg<'Network.CreateLinksAndRoutes'> = {
  LoopbackLinks: [{ Name: 'lo', Addresses: [{ Address: '127.0.0.1', PrefixLen: 8 }], Routes: [] }],
  FDBasedLinks: [],
};

const counters = {
  cpu: {
    usage: { total: 31_000_000n, kernel: 12_000_000n, user: 19_000_000n },
    throttling: { periods: 4n, throttledPeriods: 0n, throttledTime: 0n },
  },
  memory: {
    cache: 0n,
    usage: { limit: 536_870_912n, usage: 491_520n, max: 3_657_728n, failcnt: 0n },
    swap: { limit: 536_870_912n, usage: 0n, failcnt: 0n },
    kernel: { limit: 0n, usage: 327_680n, failcnt: 0n },
    kernelTCP: { limit: 0n, usage: 0n, failcnt: 0n },
    raw: { cache: 0n, rss: 159_744n, oom_kill: 0n },
  },
  pids: { current: 3n, limit: 512n },
  blkio: { ioServiceBytesRecursive: [], ioServicedRecursive: [] },
};

const event = { type: 'stats', id: '', data: counters } as const;

const state = ({ id, rootfs }: Given): Result<'runstate.State'> => ({
  ...{ ociVersion: '1.0.2', id, status: 'running', pid: 4711, bundle: rootfs, annotations: {} },
  ...{ chart: 'running', sandbox: id, created: '2026-11-27T10:00:00.000Z', oomKills: 0 },
});

const saving: Arg<'containerManager.Checkpoint'> = {
  ...{ key: undefined, metadata: { why: 'example' }, LeaveRunning: false, Compression: '', Exec: '' },
};

const logging: Arg<'Logging.Change'> = {
  ...{ SetLevel: true, Level: 'debug', SetLogPackets: false, LogPackets: false },
  ...{ SetStrace: false, EnableStrace: false, StraceWhitelist: [], StraceAllowlist: [] },
  ...{ SetEventStrace: false, StraceEventWhitelist: [], StraceEventAllowlist: [] },
};

const pids = { controller: 'pids', path: '/', name: 'pids.max' };
const nothing = (): null => null;
const alive = 'running, paused, restored';
const inspected = `created, ${alive}, stopped`;

export const examples: { readonly [M in MethodName]: Example<M> } = {
  'containerManager.Create': {
    before: 'running',
    arg: () => 'sub',
    result: nothing,
    states: 'sandbox: created, running',
    errors: ['INVALID_ID', 'CONTAINER_EXISTS', 'WRONG_STATE'],
  },
  'containerManager.StartRoot': {
    before: 'created',
    arg: ({ id }) => id,
    result: nothing,
    states: 'created',
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE', 'COMMAND_NOT_FOUND', 'COMMAND_NOT_EXECUTABLE'],
  },
  'containerManager.Start': {
    before: 'sub registered',
    arg: ({ rootfs }) => ({ Spec: shell(rootfs), Conf: {}, CID: 'sub' }),
    files: ['null', 'null', 'null', 'root'],
    result: nothing,
    states: 'registered',
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE', 'RUNTIME_FAILED', 'SPEC', 'COMMAND_NOT_FOUND'],
  },
  'containerManager.ExecuteAsync': {
    before: 'running',
    arg: exec,
    files: ['null', 'output', 'null'],
    result: () => 12,
    states: 'running',
    errors: ['CONTAINER_NOT_FOUND', 'CONTAINER_NOT_STARTED', 'WRONG_STATE', 'COMMAND_NOT_FOUND'],
  },
  'containerManager.Wait': {
    before: 'running',
    meanwhile: 'the root is killed',
    arg: ({ id }) => id,
    result: () => 9,
    states: `${alive}, stopped`,
    errors: ['CONTAINER_NOT_FOUND', 'CONTAINER_NOT_STARTED', 'STATUS_UNKNOWN'],
  },
  'containerManager.WaitPID': {
    before: 'running',
    meanwhile: 'the process is killed',
    arg: ({ id, pid }) => ({ PID: pid, CID: id }),
    result: () => 9,
    states: `${alive}, stopped`,
    errors: ['CONTAINER_NOT_FOUND', 'PROCESS_NOT_STARTED', 'PROCESS_NOT_FOUND', 'STATUS_UNKNOWN'],
  },
  'containerManager.Signal': {
    before: 'running',
    arg: ({ id, pid }) => ({ CID: id, Signo: 15, PID: pid, Mode: 0 }),
    result: nothing,
    states: alive,
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE', 'BAD_SIGNAL', 'INVALID_ARGUMENT', 'SIGNAL_FAILED'],
  },
  'containerManager.SignalProcess': {
    before: 'running',
    arg: ({ id, pid }) => ({ CID: id, Signo: 0, PID: pid, Mode: 0 }),
    result: nothing,
    states: alive,
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE', 'BAD_SIGNAL', 'INVALID_ARGUMENT', 'SIGNAL_FAILED'],
  },
  'containerManager.Destroy': {
    before: 'sub running',
    arg: () => 'sub',
    result: nothing,
    states: 'any',
    errors: ['CONTAINER_NOT_FOUND', 'LEAKED', 'DEADLINE'],
  },
  'containerManager.Processes': {
    before: 'running',
    arg: ({ id }) => id,
    result: () => [
      { uid: 0, pid: 1, ppid: 0, threads: [1], c: 0, tty: '?', stime: '10:00', time: '10ms', cmd: 'sh' },
    ],
    states: `${inspected}; "" is all containers`,
    errors: ['CONTAINER_NOT_FOUND', 'CONTAINER_NOT_STARTED', 'WRONG_STATE'],
  },
  'containerManager.Event': {
    before: 'running',
    arg: nothing,
    result: ({ id }) => ({ ...event, event, containerUsage: { [id]: 31_000_000n } }),
    states: inspected,
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE'],
  },
  'containerManager.Pause': {
    before: 'running',
    arg: nothing,
    result: nothing,
    states: 'sandbox: running',
    errors: ['WRONG_STATE', 'DEADLINE'],
  },
  'containerManager.Resume': {
    before: 'paused',
    arg: nothing,
    result: nothing,
    states: 'sandbox: paused, restored',
    errors: ['WRONG_STATE', 'DEADLINE'],
  },
  'containerManager.Checkpoint': {
    before: 'running',
    arg: () => saving,
    files: ['output'],
    result: nothing,
    states: 'sandbox: running, paused',
    errors: [
      'WRONG_STATE',
      'CHECKPOINT_REFUSED',
      'CHECKPOINT_FAILED',
      'STATEFILE_FILE',
      'STATEFILE_NO_SPACE',
    ],
  },
  'containerManager.Restore': {
    before: 'saved',
    arg: ({ id }) => ({ SandboxID: id, Key: undefined, Hold: false }),
    files: ['statefile'],
    result: nothing,
    states: 'sandbox: empty, created',
    errors: ['WRONG_STATE', 'RESTORE_FAILED', 'STATEFILE_EMPTY', 'STATEFILE_DAMAGED', 'STATEFILE_KEY'],
  },
  'Network.CreateLinksAndRoutes': {
    before: 'created',
    arg: () => loopback,
    result: nothing,
    states: 'sandbox: empty, created, running',
    errors: ['WRONG_STATE', 'INVALID_ARGUMENT', 'FILES', 'NOT_SUPPORTED'],
  },
  'debug.Stacks': {
    before: 'running',
    arg: nothing,
    result: ({ id }) => `sandbox "${id}" on platform linux: running for 1.20 s\n…`,
    states: 'any',
    errors: [],
  },
  'Profile.StartCPUProfile': {
    before: 'running',
    arg: () => ({ path: '' }),
    files: ['output'],
    result: nothing,
    states: 'any',
    errors: ['PROFILING', 'FILES'],
  },
  'Profile.StopCPUProfile': {
    before: 'profiling',
    arg: nothing,
    result: nothing,
    states: 'any',
    errors: ['PROFILING', 'SYSTEM'],
  },
  'Profile.HeapProfile': {
    before: 'running',
    arg: () => ({ path: '' }),
    files: ['output'],
    result: nothing,
    states: 'any',
    errors: ['FILES', 'SYSTEM'],
  },
  'Profile.StartTrace': {
    before: 'running',
    arg: () => ({ path: '' }),
    files: ['output'],
    result: nothing,
    states: 'any',
    errors: ['PROFILING', 'FILES'],
  },
  'Profile.StopTrace': {
    before: 'tracing',
    arg: nothing,
    result: nothing,
    states: 'any',
    errors: ['PROFILING', 'SYSTEM'],
  },
  'Logging.Change': {
    before: 'running',
    arg: () => logging,
    result: () => 0,
    states: 'any',
    errors: ['INVALID_ARGUMENT', 'NOT_SUPPORTED'],
  },
  'containerManager.CreateSubcontainer': {
    before: 'running',
    arg: () => ({ CID: 'sub' }),
    result: nothing,
    states: 'sandbox: created, running',
    errors: ['INVALID_ID', 'CONTAINER_EXISTS', 'WRONG_STATE', 'NOT_SUPPORTED'],
  },
  'containerManager.StartSubcontainer': {
    before: 'sub registered',
    arg: ({ rootfs }) => ({ Spec: shell(rootfs), Conf: {}, CID: 'sub' }),
    files: ['null', 'null', 'null', 'root'],
    result: nothing,
    states: 'registered',
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE', 'RUNTIME_FAILED', 'SPEC', 'COMMAND_NOT_FOUND'],
  },
  'containerManager.DestroySubcontainer': {
    before: 'sub running',
    arg: () => 'sub',
    result: nothing,
    states: 'any',
    errors: ['CONTAINER_NOT_FOUND', 'LEAKED', 'DEADLINE'],
  },
  'Lifecycle.Pause': {
    before: 'running',
    arg: nothing,
    result: nothing,
    states: 'sandbox: running',
    errors: ['WRONG_STATE', 'DEADLINE'],
  },
  'Lifecycle.Resume': {
    before: 'paused',
    arg: nothing,
    result: nothing,
    states: 'sandbox: paused, restored',
    errors: ['WRONG_STATE', 'DEADLINE'],
  },
  'containerManager.ContainerRuntimeState': {
    before: 'running',
    arg: ({ id }) => id,
    result: () => 2,
    states: 'any',
    errors: [],
  },
  'containerManager.SetNetworkArgs': {
    before: 'created',
    arg: () => loopback,
    result: nothing,
    states: 'sandbox: empty, created; later it does nothing',
    errors: ['INVALID_ARGUMENT', 'FILES', 'NOT_SUPPORTED'],
  },
  'containerManager.WaitCheckpoint': {
    before: 'running',
    meanwhile: 'it is saved',
    arg: nothing,
    result: nothing,
    states: 'any',
    errors: ['CHECKPOINT_FAILED', 'CHECKPOINT_REFUSED', 'ACTOR_GONE'],
  },
  'containerManager.WaitRestore': {
    before: 'running',
    arg: nothing,
    result: nothing,
    states: 'any',
    errors: ['RESTORE_FAILED'],
  },
  'Profile.CPU': {
    before: 'running',
    arg: () => ({ duration: 100_000_000n }),
    files: ['output'],
    result: nothing,
    states: 'any',
    errors: ['PROFILING', 'INVALID_ARGUMENT', 'FILES'],
  },
  'Profile.Heap': {
    before: 'running',
    arg: () => ({ delay: 0n }),
    files: ['output'],
    result: nothing,
    states: 'any',
    errors: ['INVALID_ARGUMENT', 'FILES'],
  },
  'Profile.Trace': {
    before: 'running',
    arg: () => ({ duration: 100_000_000n }),
    files: ['output'],
    result: nothing,
    states: 'any',
    errors: ['PROFILING', 'INVALID_ARGUMENT', 'FILES'],
  },
  'Usage.Collect': {
    before: 'running',
    arg: () => ({ Full: true }),
    result: () => ({
      ...{ Unknown: 4096n, System: 327_680n, Anonymous: 159_744n, PageCache: 0n },
      ...{ Mapped: 0n, Tmpfs: 0n, Ramdiskfs: 0n, Total: 491_520n },
    }),
    states: 'any',
    errors: [],
  },
  'Metrics.Export': {
    before: 'running',
    arg: () => ({ only_metrics: '^runstate_sandbox_state$' }),
    result: ({ id }) => ({
      text:
        '# HELP runstate_sandbox_state The state of the sandbox: 1.\n# TYPE runstate_sandbox_state gauge\n' +
        `runstate_sandbox_state{sandbox="${id}",state="running"} 1\n`,
    }),
    states: 'any',
    errors: ['INVALID_ARGUMENT'],
  },
  'Cgroups.ReadControlFiles': {
    before: 'running',
    arg: () => ({ CID: '', args: [{ file: pids }] }),
    result: () => ({ results: [{ value: '512\n', is_error: false }] }),
    states: inspected,
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE'],
  },
  'Cgroups.WriteControlFiles': {
    before: 'running',
    arg: () => ({ CID: '', args: [{ file: pids, value: '100' }] }),
    result: () => ({ results: [{ value: '', is_error: false }] }),
    states: inspected,
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE'],
  },
  'containerManager.ProcfsDump': {
    before: 'running',
    arg: nothing,
    result: ({ id }) => [
      {
        ...{ exe: '/bin/busybox', args: ['sleep', '1'], env: ['PATH=/bin'], cwd: '/' },
        fdlist: [{ number: 0, path: '/dev/null', mode: 0o20666 }],
        clone_ts: 1_795_456_922_096_000_000n,
        root: '/',
        limits: { RLIMIT_NOFILE: { cur: 1024n, max: 1024n } },
        cgroup: [{ hierarchy_id: 0, controllers: '', path: `/runstate/${id}-0123456789/${id}` }],
        status: {
          ...{ comm: 'sleep', pid: 7, ppid: 6 },
          uid: { real: 0, effective: 0, saved: 0 },
          gid: { real: 0, effective: 0, saved: 0 },
          ...{ vm_size: 2200n, vm_rss: 1100n },
        },
        stat: { pgid: 6, sid: 6 },
        container: id,
      },
    ],
    states: 'any',
    errors: [],
  },
  'Fs.Read': {
    before: 'running',
    arg: () => ({ CID: '', path: '/etc/passwd' }),
    files: ['output'],
    result: () => 29,
    states: alive,
    errors: ['CONTAINER_NOT_FOUND', 'CONTAINER_FILE', 'WRONG_STATE', 'FILES'],
  },
  'runstate.Create': {
    before: 'empty',
    arg: ({ id, rootfs }) => ({
      ...{
        CID: id,
        Bundle: '/',
        Spec: shell(rootfs),
        ConsoleSocket: '',
        NoPivot: false,
        NoNewKeyring: false,
      },
    }),
    files: ['null', 'null', 'null'],
    result: (given) => ({ ...state(given), status: 'created', chart: 'created' }),
    states: 'sandbox: empty for its root container; created, running for others',
    errors: ['INVALID_ID', 'CONTAINER_EXISTS', 'WRONG_STATE', 'SPEC', 'RUNTIME_FAILED', 'OVERLAY'],
  },
  'runstate.Start': {
    before: 'created',
    arg: ({ id }) => ({ CID: id }),
    result: nothing,
    states: 'created',
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE', 'COMMAND_NOT_FOUND', 'COMMAND_NOT_EXECUTABLE'],
  },
  'runstate.Execute': {
    before: 'running',
    arg: ({ id }) => ({ CID: id, Process: { args: ['/bin/true'], cwd: '/' }, ConsoleSocket: '' }),
    files: ['null', 'null', 'null'],
    result: () => ({ PID: 12, HostPID: 4720 }),
    states: 'running',
    errors: ['CONTAINER_NOT_FOUND', 'CONTAINER_NOT_STARTED', 'WRONG_STATE', 'COMMAND_NOT_FOUND'],
  },
  'runstate.State': {
    before: 'running',
    arg: ({ id }) => ({ CID: id }),
    result: state,
    states: 'any',
    errors: ['CONTAINER_NOT_FOUND'],
  },
  'runstate.List': {
    before: 'running',
    arg: nothing,
    result: (given) => [state(given)],
    states: 'any',
    errors: [],
  },
  'runstate.PauseContainer': {
    before: 'running',
    arg: ({ id }) => ({ CID: id }),
    result: nothing,
    states: 'running',
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE', 'DEADLINE'],
  },
  'runstate.ResumeContainer': {
    before: 'root paused',
    arg: ({ id }) => ({ CID: id }),
    result: nothing,
    states: 'paused',
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE', 'DEADLINE'],
  },
  'runstate.Restore': {
    before: 'saved',
    arg: () => ({
      ...{ Key: undefined, Hold: false, Names: {}, Root: null, ConsoleSocket: '', Progress: false },
    }),
    files: ['statefile'],
    result: nothing,
    states: 'sandbox: empty, created',
    errors: ['WRONG_STATE', 'RESTORE_FAILED', 'STATEFILE_EMPTY', 'STATEFILE_DAMAGED', 'STATEFILE_KEY'],
  },
  'runstate.Stats': {
    before: 'running',
    arg: ({ id }) => ({ CID: id }),
    result: () => counters,
    states: inspected,
    errors: ['CONTAINER_NOT_FOUND', 'WRONG_STATE'],
  },
  'runstate.WaitOom': {
    before: 'running',
    meanwhile: 'the root is killed',
    arg: ({ id }) => ({ CID: id, Seen: 0 }),
    result: () => -1,
    states: 'any',
    errors: ['CONTAINER_NOT_FOUND'],
  },
  'runstate.Inspect': {
    before: 'paused',
    arg: ({ id }) => ({ Kind: 'container', ID: id }),
    result: ({ id }) => ({
      ...{ Kind: 'container', ID: id, State: 'paused', Path: 'paused', Public: 'paused' },
      ...{ Since: 1764200000000, Deadline: 0 },
      Events: [
        { Event: 'create', Refusal: `cannot create container "${id}" in state paused` },
        { Event: 'start', Refusal: `cannot start container "${id}" in state paused` },
        { Event: 'exec', Refusal: `cannot exec in container "${id}" in state paused` },
        { Event: 'pause', Refusal: `cannot pause container "${id}" in state paused` },
        { Event: 'resume', Refusal: `cannot resume container "${id}" in state paused` },
        { Event: 'signal', Refusal: '' },
        { Event: 'inspect', Refusal: '' },
        { Event: 'wait', Refusal: '' },
        { Event: 'destroy', Refusal: '' },
      ],
      Pending: [],
      Observed: { Init: 'there', Frozen: true, Processes: 2 },
      Differences: [],
    }),
    states: 'any',
    errors: ['SANDBOX_NOT_FOUND', 'CONTAINER_NOT_FOUND', 'PROCESS_NOT_FOUND', 'INVALID_ARGUMENT', 'SYSTEM'],
  },
  'runstate.Note': {
    before: 'running',
    arg: () => ({ Text: 'the load test begins' }),
    result: nothing,
    states: 'any',
    errors: ['INVALID_ARGUMENT'],
  },
  'runstate.Observe': {
    before: 'running',
    meanwhile: 'the sandbox is destroyed',
    arg: () => ({ History: true }),
    files: ['output'],
    result: nothing,
    states: 'any',
    errors: ['FILES', 'SYSTEM'],
  },
  'supervisor.Boot': {
    before: 'running',
    arg: () => ({ ID: 'another' }),
    result: () => ({ ID: 'another', Chart: 'empty', PID: 4700, Containers: 0 }),
    states: 'any',
    errors: ['INVALID_ID', 'SANDBOX_EXISTS', 'CONTAINER_EXISTS', 'ADDRESS_IN_USE', 'ROOT', 'NOT_SUPPORTED'],
  },
  'supervisor.List': {
    before: 'running',
    arg: nothing,
    result: ({ id }) => [{ ID: id, Chart: 'running', PID: 4700, Containers: 1 }],
    states: 'any',
    errors: [],
  },
  'supervisor.Shutdown': {
    before: 'running',
    arg: () => ({ Destroy: true }),
    result: nothing,
    states: 'any; without Destroy: no sandbox is there',
    errors: ['WRONG_STATE', 'LEAKED'],
  },
};
