import type { LogFormat } from '../../../log/line.ts';
import type { LogFields } from '../../../log/logger.ts';

/** What the watching thread is started with. */
export interface WatcherData {
  /** The time of the last beat of the watched event loop, in ms since the Unix epoch: one BigInt64, shared. */
  readonly beats: SharedArrayBuffer;
  /** Ms between two looks. */
  readonly interval: number;
  /** So many looks find the same beat: then it is blocked. */
  readonly looks: number;
  readonly log: LogPlace;
}

/** Where the log is, for a thread that cannot ask the one that writes it. */
export interface LogPlace {
  readonly format: LogFormat;
  /** Standard error without. */
  readonly file?: string | undefined;
  /** In each line. */
  readonly fields: LogFields;
}

/** What the watching thread tells the watched one, which reads it when it turns again. */
export interface Blocked {
  /** Since when it has not turned, and when that was noticed: ms since the Unix epoch. */
  readonly since: number;
  readonly noticed: number;
  /** The JavaScript functions that block it, the innermost first; undefined where it is in a call that lets nobody in. */
  readonly stack: readonly string[] | undefined;
  /** Where the kernel has the thread. */
  readonly kernel: string;
  /** Why it is not in the log. */
  readonly unwritten: string | undefined;
}

export const blockedMessage = 'the event loop is blocked';
