/** When the watchdog tells, in ms. */
export interface WatchdogLimits {
  /** Between two beats of the event loop, each of which is a sample of its lag, and a look at all else. */
  readonly beat: number;
  /** For so long at least an event loop has not turned that is said to be blocked; noticed within two beats more. */
  readonly blocked: number;
  /** How long after its deadline a chart has left a state, or answered a request. */
  readonly late: number;
  /** How long after it was told to stop, or its own limit, the platform has settled a call. */
  readonly answer: number;
}

/**
 * A beat costs each supervisor a wake-up of two threads, also one that does nothing: so they are seldom. Charts leave by a
 * timer, so that five seconds are many. What the Linux platform undoes after an abort may take up to 15 s (it gives
 * interfaces back, kills what it has made): what takes longer does not answer.
 */
export const usualLimits: WatchdogLimits = { beat: 1000, blocked: 1000, late: 5000, answer: 20_000 };
