import type { ExitStatus } from './exit-status.ts';
import type { PlatformSandbox } from './platform.ts';

/** What a platform is to take over of a sandbox whose supervisor has died, and how it is to be then. */
export interface AdoptRequest {
  /** It stands still as a whole; otherwise it goes on. */
  readonly isFrozen: boolean;
  /** What else there is of the sandbox, as what was being made when the supervisor died, is destroyed. */
  readonly containers: readonly AdoptContainer[];
}

export interface AdoptContainer {
  readonly cid: string;
  readonly isRoot: boolean;
  /** It stands still alone. */
  readonly isFrozen: boolean;
  /**
   * The exec'd processes that somebody was told of, in the container's own numbering. Others that an exec started are
   * killed: whoever asked for them never learnt their pids.
   */
  readonly processes: readonly number[];
}

export interface AdoptedSandbox {
  /** Its listener is called from now on. */
  readonly sandbox: PlatformSandbox;
  /** As they were asked for. */
  readonly containers: readonly AdoptedContainer[];
}

export interface AdoptedContainer {
  readonly cid: string;
  /** `absent`: the platform has nothing of it. */
  readonly state: 'absent' | 'created' | 'running' | 'stopped';
  /** How its init ended, of one that has stopped. */
  readonly status?: ExitStatus;
  /** As they were asked for; the status of those that have ended. */
  readonly processes: readonly { readonly pid: number; readonly status?: ExitStatus }[];
}
