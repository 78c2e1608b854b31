import { callText, type Finding } from './finding.ts';
import type { PlatformCall, PlatformCalls } from './platform-calls.ts';

/** Finds the calls that the platform does not answer, look by look. */
export class SilentPlatform {
  /** When a look first found that a call had been told to stop: nothing listens to its signal for this. */
  readonly #stopped = new WeakMap<PlatformCall, number>();

  /**
   * The calls that have not settled though they should have: by their limit, or since they were told to stop.
   * @param now milliseconds since the Unix epoch @param patience milliseconds after that
   */
  look({ open }: PlatformCalls, now: number, patience: number): readonly Finding[] {
    return [...open].flatMap((call): Finding[] => {
      const due = this.#due(call, now);
      if (due === undefined || now - due < patience) return [];
      return [
        {
          key: `platform ${call.number}`,
          kind: 'platform',
          thing: callText(call),
          since: call.since,
          waitsFor:
            call.limit === undefined
              ? 'the platform, which does not stop though it was told to'
              : `the platform, which was to answer within ${call.limit} ms`,
        },
      ];
    });
  }

  #due(call: PlatformCall, now: number): number | undefined {
    if (call.limit !== undefined) return call.since + call.limit;
    if (call.signal?.aborted !== true) return undefined;
    const stopped = this.#stopped.get(call) ?? now;
    this.#stopped.set(call, stopped);
    return stopped;
  }
}
