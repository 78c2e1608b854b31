import type { CallObservers, CallStatistics, PendingCall } from '../server/index.ts';

/** What those methods that tell of the server itself see of it. */
export interface ServerView {
  readonly calls: readonly PendingCall[];
  readonly connections: number;
  readonly statistics: CallStatistics;
  readonly observers: CallObservers;
}
