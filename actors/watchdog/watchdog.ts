import type { Logger } from '../../log/logger.ts';
import type { Alarm } from '../../observation/types.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';
import type { LagHistogram } from './event-loop/lag.ts';
import { blockedMessage, type Blocked, type LogPlace } from './event-loop/messages.ts';
import { WatchedLoop } from './event-loop/watched-loop.ts';
import type { Finding } from './finding.ts';
import { usualLimits, type WatchdogLimits } from './limits.ts';
import { overdue } from './overdue.ts';
import { SilentPlatform } from './silent-platform.ts';

export interface WatchdogOptions {
  readonly log: Logger;
  /** The same log, for a thread that cannot ask the one that writes it. */
  readonly place: LogPlace;
  /** Those that there are now. */
  readonly systems: () => readonly SandboxSystem[];
  readonly limits?: WatchdogLimits;
}

/** Of one sandbox. */
interface Watched {
  readonly platform: SilentPlatform;
  /** By the findings' keys; undefined of one that only the last look has found. */
  readonly found: Map<string, Alarm | undefined>;
}

/**
 * Watches the supervisor of sandboxes: tells, once when it begins and once when it is over, that its event loop does not
 * turn, that something is past its deadline, and that the platform does not answer. Mends nothing. It is a part of
 * supervisor processes only; a program that hosts sandboxes by itself has its own event loop.
 */
export class Watchdog implements AsyncDisposable {
  readonly #options: WatchdogOptions;
  readonly #limits: WatchdogLimits;
  readonly #watched = new Map<SandboxSystem, Watched>();
  #loop: WatchedLoop | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#limits = options.limits ?? usualLimits;
  }

  /** The lag of the event loop since the start; undefined before. */
  get lag(): LagHistogram | undefined {
    return this.#loop?.lag;
  }

  /** Idempotent. */
  start(): void {
    const { log, place } = this.#options;
    const { beat, blocked } = this.#limits;
    this.#loop ??= new WatchedLoop({
      ...{ beat, blocked, log, place },
      onBeat: () => this.#look(Date.now()),
      onBlocked: (what, until) => this.#wasBlocked(what, until),
    });
  }

  /** Idempotent. Alarms that last are left as they are. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop?.[Symbol.asyncDispose]();
  }

  #look(now: number): void {
    const systems = this.#options.systems();
    for (const system of systems) this.#lookAt(system, now);
    for (const system of this.#watched.keys())
      if (!systems.includes(system)) {
        this.#compare(system, [], now);
        this.#watched.delete(system);
      }
  }

  #lookAt(system: SandboxSystem, now: number): void {
    const { platform } = this.#of(system);
    const findings = [
      ...overdue(system, now, this.#limits),
      ...platform.look(system.calls, now, this.#limits.answer),
    ];
    this.#compare(system, findings, now);
  }

  /** One is told when two looks have found it: after a pause of the whole process all is late for a moment. */
  #compare(system: SandboxSystem, findings: readonly Finding[], now: number): void {
    const { found } = this.#of(system);
    const keys = new Set(findings.map(({ key }) => key));
    for (const [key, alarm] of found)
      if (!keys.has(key)) {
        found.delete(key);
        if (alarm !== undefined) this.#end(system, alarm, now);
      }
    for (const { key, ...what } of findings)
      if (!found.has(key)) found.set(key, undefined);
      else if (found.get(key) === undefined) found.set(key, this.#begin(system, what, now));
  }

  #of(system: SandboxSystem): Watched {
    const known = this.#watched.get(system);
    if (known !== undefined) return known;
    const made = { platform: new SilentPlatform(), found: new Map<string, Alarm | undefined>() };
    this.#watched.set(system, made);
    return made;
  }

  #begin(system: SandboxSystem, what: Omit<Alarm, 'number'>, now: number): Alarm {
    const { kind, thing, since, waitsFor } = what;
    system.log.error(messages[kind], {
      ...{ alarm: kind, thing, since: new Date(since).toISOString(), ms: now - since, waitsFor },
    });
    return system.alarms.begin(what, now);
  }

  #end(system: SandboxSystem, alarm: Alarm, now: number): void {
    const { kind, thing, since } = alarm;
    system.log.warn('an alarm is over', { alarm: kind, thing, ms: now - since });
    system.alarms.end(alarm, now);
  }

  /** Of all sandboxes: none of them was served. Its beginning is in the log already. */
  #wasBlocked({ since, noticed, stack, kernel }: Blocked, until: number): void {
    this.#options.log.warn('an alarm is over', { alarm: 'event-loop', ms: until - since });
    const where = stack === undefined ? `the kernel: ${kernel}` : (stack[0] ?? 'nothing');
    for (const system of this.#options.systems()) {
      const what = { kind: 'event-loop', thing: 'the event loop', since, waitsFor: where, stack } as const;
      system.alarms.end(system.alarms.begin(what, noticed), until);
    }
  }
}

const messages = {
  'event-loop': blockedMessage,
  overdue: 'something is past its deadline',
  platform: 'the platform does not answer',
} as const;
