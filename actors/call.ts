import type { Logger } from '../log/logger.ts';

/** What accompanies a request through all layers. */
export interface Call {
  /** Aborted when whoever asked has gone. */
  readonly signal: AbortSignal;
  /** The same in every log line, event and transition that the request brings about. */
  readonly correlation: string;
  readonly log: Logger;
}
