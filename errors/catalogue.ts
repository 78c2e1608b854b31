/**
 * Every error that runstate raises, in one table: a stable code, the exit code that the command line ends with,
 * and the sentence that a person reads. Exit codes follow runc: 126 and 127 for a command that cannot be
 * executed or found, 1 for the rest.
 *
 * Sentences name the thing and the state it is in. Those that the original control server also says keep its
 * wording, because its clients match on it (see docs/control-protocol.md).
 */
interface Entry<P> {
  readonly exitCode: number;
  message(params: P): string;
}
const entry = <P>(message: (params: P) => string, exitCode = 1): Entry<P> => ({ exitCode, message });
const shown = (value: string): string => JSON.stringify(value);

export const catalogue = {
  // Identifiers and look-up
  INVALID_ID: entry<{ id: string; why: string }>((p) => `invalid id ${shown(p.id)}: ${p.why}`),
  SANDBOX_EXISTS: entry<{ id: string; where?: string }>(
    (p) => `sandbox ${shown(p.id)} already exists${p.where === undefined ? '' : ` (${p.where})`}`,
  ),
  CONTAINER_EXISTS: entry<{ id: string }>((p) => `container ${shown(p.id)} already exists`),
  SANDBOX_NOT_FOUND: entry<{ id: string; where?: string }>(
    (p) => `sandbox ${shown(p.id)} does not exist${p.where === undefined ? '' : ` in ${p.where}`}`,
  ),
  CONTAINER_NOT_FOUND: entry<{ id: string; where?: string }>(
    (p) => `container ${shown(p.id)} does not exist${p.where === undefined ? '' : ` in ${p.where}`}`,
  ),
  CONTAINER_NOT_STARTED: entry<{ id: string }>((p) => `container ${shown(p.id)} not started`),
  PROCESS_NOT_STARTED: entry<{ pid: number; cid: string }>(
    (p) => `waiting for PID ${p.pid}: container ${shown(p.cid)} not started`,
  ),
  PROCESS_NOT_FOUND: entry<{ cid: string; pid: number }>(
    (p) => `container ${shown(p.cid)} has no process ${p.pid}`,
  ),

  // States
  WRONG_STATE: entry<{ verb: string; kind: string; id: string; state: string; why?: string }>(
    (p) =>
      `cannot ${p.verb} ${p.kind} ${shown(p.id)} in state ${p.state}${p.why === undefined ? '' : `: ${p.why}`}`,
  ),
  ACTOR_GONE: entry<{ kind: string; id: string; verb: string; why: string }>(
    (p) => `cannot ${p.verb} ${p.kind} ${shown(p.id)}: ${p.why}`,
  ),
  CANCELLED: entry<{ verb: string; kind: string; id: string }>(
    (p) => `${p.verb} of ${p.kind} ${shown(p.id)} was cancelled`,
  ),
  OPERATION_FAILED: entry<{ verb: string; kind: string; id: string; why: string }>(
    (p) => `cannot ${p.verb} ${p.kind} ${shown(p.id)}: ${p.why}`,
  ),
  DEADLINE: entry<{ verb: string; kind: string; id: string; ms: number }>(
    (p) => `cannot ${p.verb} ${p.kind} ${shown(p.id)}: not done after ${p.ms} ms`,
  ),
  STATUS_UNKNOWN: entry<{ cid: string; pid: number; why: string }>(
    (p) => `the exit status of process ${p.pid} of container ${shown(p.cid)} cannot be known: ${p.why}`,
  ),
  LEAKED: entry<{ kind: string; id: string; left: readonly string[] }>(
    (p) => `${p.kind} ${shown(p.id)} was destroyed but left behind: ${p.left.join(', ')}`,
  ),

  // Commands in a container
  COMMAND_NOT_FOUND: entry<{ command: string; why: string }>(
    (p) => `Failed to load ${p.command}: ${p.why}`,
    127,
  ),
  COMMAND_NOT_EXECUTABLE: entry<{ command: string; why: string }>(
    (p) => `Failed to load ${p.command}: ${p.why}`,
    126,
  ),
  BAD_SIGNAL: entry<{ signal: string }>((p) => `${shown(p.signal)} is no signal`),
  SIGNAL_FAILED: entry<{ cid: string; pid: number; why: string }>(
    (p) => `signaling process in container ${shown(p.cid)} PID ${p.pid}: ${p.why}`,
  ),

  // Checkpoint and restore
  CHECKPOINT_REFUSED: entry<{ kind: string; id: string; why: string }>(
    (p) => `cannot checkpoint ${p.kind} ${shown(p.id)}: ${p.why}`,
  ),
  CHECKPOINTED: entry<{ kind: string; id: string; verb: string }>(
    (p) =>
      `cannot ${p.verb} ${p.kind} ${shown(p.id)}: a checkpoint has saved it, and it goes on no more here`,
  ),
  CHECKPOINT_FAILED: entry<{ phase: string; cause: string; lines: string }>(
    (p) => `checkpoint failed in phase ${p.phase}: ${p.cause}${p.lines === '' ? '' : ` (${p.lines})`}`,
  ),
  RESTORE_FAILED: entry<{ phase: string; cause: string; lines: string }>(
    (p) => `restore failed in phase ${p.phase}: ${p.cause}${p.lines === '' ? '' : ` (${p.lines})`}`,
  ),
  // The original's words.
  STATEFILE_EMPTY: entry<object>(() => 'file cannot be empty'),
  STATEFILE_NOT_ONE: entry<object>(() => 'the file is no statefile of runstate'),
  STATEFILE_VERSION: entry<{ found: number; known: number }>(
    (p) => `the statefile is of format version ${p.found}; this release reads version ${p.known}`,
  ),
  STATEFILE_KEY: entry<{ why: string }>((p) => `the statefile's key: ${p.why}`),
  STATEFILE_DAMAGED: entry<{ where: string }>((p) => `the statefile is damaged: ${p.where}`),
  STATEFILE_TRUNCATED: entry<{ offset: number; where: string }>(
    (p) => `the statefile is cut off after ${p.offset} bytes, in ${p.where}`,
  ),
  STATEFILE_ARCHITECTURE: entry<{ saved: string; here: string }>(
    (p) => `the statefile was saved on ${p.saved}; this machine is ${p.here}`,
  ),
  STATEFILE_PLATFORM: entry<{ saved: string; here: string }>(
    (p) => `the statefile was saved by platform ${shown(p.saved)}; this is ${shown(p.here)}`,
  ),
  STATEFILE_FILE: entry<{ why: string }>((p) => `a statefile cannot be there: ${p.why}`),
  STATEFILE_CONTENT: entry<{ what: string; why: string }>(
    (p) => `${p.what} cannot be in a statefile: ${p.why}`,
  ),
  STATEFILE_READER_GONE: entry<{ offset: number }>(
    (p) => `nobody reads the statefile any more, after ${p.offset} bytes of it`,
  ),
  STATEFILE_NO_SPACE: entry<{ offset: number; why: string }>(
    (p) => `there is no room for the statefile after ${p.offset} bytes of it: ${p.why}`,
  ),

  // A sandbox's network
  NETWORK_ONCE: entry<{ id: string }>(
    (p) => `cannot set up the network of sandbox ${shown(p.id)}: it has been set up, which is done once only`,
  ),
  LINK_FILE: entry<{ index: number; link: string; what: string }>(
    (p) =>
      `file ${p.index}, of interface ${shown(p.link)}, is ${p.what}: ` +
      'wanted is a packet socket that is bound to an interface, or a TAP device',
  ),
  LINK_UNUSABLE: entry<{ index: number; link: string; why: string }>(
    (p) => `file ${p.index}, of interface ${shown(p.link)}: ${p.why}`,
  ),

  // Bundles and specs
  BUNDLE: entry<{ bundle: string; why: string }>((p) => `bundle ${shown(p.bundle)}: ${p.why}`),
  SPEC: entry<{ where: string; problems: readonly string[] }>((p) => `${p.where}: ${p.problems.join('; ')}`),
  ARCHIVE: entry<{ archive: string; why: string }>((p) => `archive ${shown(p.archive)}: ${p.why}`),

  // The machine and its tools
  ROOT: entry<{ root: string; why: string }>((p) => `run directory ${shown(p.root)}: ${p.why}`),
  JOURNAL: entry<{ id: string; why: string }>(
    (p) => `the journal of sandbox ${shown(p.id)} cannot be written: ${p.why}`,
  ),
  JOURNAL_MISSING: entry<{ file: string; why: string }>((p) => `there is no journal ${p.file}: ${p.why}`),
  JOURNAL_DAMAGED: entry<{ file: string; line: number; why: string }>(
    (p) => `the journal ${p.file} is damaged in line ${p.line}: ${p.why}`,
  ),
  JOURNAL_VERSION: entry<{ file: string; found: number; known: number }>(
    (p) => `the journal ${p.file} is of version ${p.found}; this release reads version ${p.known}`,
  ),
  OVERLAY: entry<{ path: string; why: string; remedy: string }>(
    (p) => `no overlay is possible with ${shown(p.path)}: ${p.why}; remedy: ${p.remedy}`,
  ),
  FILES_FAILED: entry<{ verb: string; directory: string; why: string }>(
    (p) => `cannot ${p.verb} the files in ${shown(p.directory)}: ${p.why}`,
  ),
  RUNTIME_MISSING: entry<{ binary: string; hint: string }>(
    (p) => `the OCI runtime ${shown(p.binary)} was not found: ${p.hint}`,
  ),
  RUNTIME_NOT_EXECUTABLE: entry<{ binary: string; why: string }>(
    (p) => `the OCI runtime ${shown(p.binary)} cannot be executed: ${p.why}`,
  ),
  RUNTIME_FAILED: entry<{ command: string; status: string; lines: string }>(
    (p) => `${p.command} ${p.status}: ${p.lines}`,
  ),
  ADDON_MISSING: entry<{ file: string; why: string }>(
    (p) => `the native addon ${p.file} cannot be loaded: ${p.why}; build it by: npm run setup`,
  ),
  NOT_SUPPORTED: entry<{ what: string; why: string }>((p) => `${p.what} is not possible here: ${p.why}`),
  SYSTEM: entry<{ call: string; what: string; why: string }>((p) => `${p.call} ${p.what}: ${p.why}`),

  // Looking inside
  PROFILING: entry<{ what: string }>((p) => p.what),
  CONTAINER_FILE: entry<{ cid: string; path: string; why: string }>(
    (p) => `cannot read ${shown(p.path)} of container ${shown(p.cid)}: ${p.why}`,
  ),
  INSPECTION_FILE: entry<{ file: string; why: string }>((p) => `inspection ${shown(p.file)}: ${p.why}`),
  // The original's words.
  CONTROLLER_NOT_ACTIVE: entry<{ controller: string }>(() => 'controller not active'),
  CONTROL_FILE: entry<{ cid: string; file: string; why: string }>(
    (p) => `control file ${p.file} of container ${shown(p.cid)}: ${p.why}`,
  ),

  // The control protocol
  UNKNOWN_METHOD: entry<{ method: string }>(() => 'unknown method'),
  BAD_ARGUMENT: entry<{ method: string; path: string; why: string }>(
    (p) => `argument of ${p.method}: ${p.path === '' ? '' : `${p.path}: `}${p.why}`,
  ),
  MISSING_ARGUMENT: entry<{ what: string }>((p) => p.what),
  INVALID_ARGUMENT: entry<{ what: string }>((p) => p.what),
  FILES: entry<{ what: string }>((p) => p.what),
  MESSAGE_TOO_LARGE: entry<{ limit: number }>((p) => `message larger than ${p.limit} bytes`),
  PROTOCOL: entry<{ why: string }>((p) => `control protocol: ${p.why}`),
  CONNECTION: entry<{ address: string; why: string }>((p) => `control socket ${p.address}: ${p.why}`),
  ADDRESS_IN_USE: entry<{ address: string }>(
    (p) => `control socket ${p.address}: another server is listening there`,
  ),
  REMOTE: entry<{ method: string; message: string }>((p) => p.message),
  USAGE: entry<{ why: string }>((p) => p.why),
} as const;

export type ErrorCode = keyof typeof catalogue;
export type ErrorParams<C extends ErrorCode> = Parameters<(typeof catalogue)[C]['message']>[0];
