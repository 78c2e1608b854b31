import type { InspectArgs, InspectedActor } from '../../transport/client/index.ts';

/** What a page can choose from. */
export interface ListedSandbox {
  readonly id: string;
  /** Of its chart; "" of one whose supervisor does not answer. */
  readonly state: string;
}

/** What one click gives of a live sandbox. */
export interface LiveViews {
  readonly stacks: () => Promise<string>;
  readonly processes: (cid: string) => Promise<unknown>;
  readonly stats: (cid: string) => Promise<unknown>;
  /** In pprof's format. @param seconds as long as it takes */
  readonly cpuProfile: (seconds: number) => Promise<Buffer>;
}

/** Where an inspector's page gets its sandboxes from: supervisors that run, or a file. */
export interface Source extends AsyncDisposable {
  readonly kind: 'live' | 'file';
  sandboxes(): Promise<readonly ListedSandbox[]>;
  /**
   * Calls back with lines of Observation, the history first, until the sandbox is gone; waits for each to settle.
   * @throws RunstateError SANDBOX_NOT_FOUND, CONNECTION
   */
  follow(id: string, signal: AbortSignal, onLines: (lines: string) => void | Promise<void>): Promise<void>;
  /** Undefined of a file. @throws RunstateError SANDBOX_NOT_FOUND, CONNECTION, and what `runstate.Inspect` does */
  inspect(id: string, actor: InspectArgs): Promise<InspectedActor | undefined>;
  /** Undefined of a file. */
  views(id: string): Promise<LiveViews | undefined>;
  /** Asks for a change, and has it seen that an inspector did. @throws RunstateError NOT_SUPPORTED of a file, and what the method does */
  ask(id: string, request: ControlRequest): Promise<void>;
}

/** The changes that a page can ask for. */
export interface ControlRequest {
  readonly action: (typeof controlActions)[number];
  /** Of the container; the sandbox's id for the sandbox as a whole. */
  readonly cid: string;
  /** Of `signal`. */
  readonly signal?: number | undefined;
  /** Of `log-level`. */
  readonly level?: string | undefined;
}

export const controlActions = [
  'sandbox-pause',
  'sandbox-resume',
  'start',
  'pause',
  'resume',
  'signal',
  'destroy',
  'log-level',
] as const;
