import { nanoid } from 'nanoid';
import { RunstateError, messageOf } from '../../errors/index.ts';
import type { Emitted, Failure, Reply, RequestId, Trouble } from '../../machines/replies.ts';
import { statePath, topState } from '../../machines/public-state.ts';
import { TimeLimit } from '../time-limit.ts';
import { askerOf } from './correlation.ts';
import { failure } from './failure.ts';
import { phrase, refusal } from './refusal.ts';
import { workFor } from './work-for.ts';
import { takenEdges, type TakenEdge } from './taken-edges.ts';

type StateValue = string | Readonly<Record<string, unknown>>;

interface ChartSnapshot<E> {
  readonly value: StateValue;
  readonly context: unknown;
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  can(event: E): boolean;
  hasTag(tag: string): boolean;
}

/** An actor that runs a chart, as far as a port needs to know it. */
export interface ChartActor<E, S extends ChartSnapshot<E>> {
  getSnapshot(): S;
  send(event: E): void;
  on(type: '*', handler: (emitted: Emitted) => void): unknown;
  subscribe(observer: { next(snapshot: S): void; error(error: unknown): void; complete(): void }): unknown;
}

/** To another state, or, when `from` is `to`, to another part of it. */
export interface Transition {
  readonly kind: PortKind;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** With the parts of a state, by dots: `pausing.draining`. */
  readonly path: string;
  /** How it came there. */
  readonly edges: readonly TakenEdge[];
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly correlation: string | undefined;
}

export type PortKind = 'sandbox' | 'container' | 'process';

export interface PortOptions {
  readonly kind: PortKind;
  /** As people name it. */
  readonly id: string;
  /** By transient state, in milliseconds: what a failure by deadline tells. */
  readonly deadlines: Readonly<Record<string, number>>;
  /** The request that it is made for. */
  readonly correlation?: string | undefined;
  readonly onTransition?: (transition: Transition) => void;
  readonly onTrouble?: (trouble: Trouble) => void;
}

export interface AskOptions<P> {
  readonly signal?: AbortSignal;
  /** Goes into the request's id; made up when there is none. */
  readonly correlation?: string;
  /** Kept here until the request is settled, for the work that the chart invokes. */
  readonly payload?: P;
}

interface Pending<P> {
  readonly verb: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  readonly payload: P | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: RunstateError) => void;
}

export interface PendingRequest {
  /** With the correlation of whoever asks. */
  readonly id: RequestId;
  readonly verb: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
}

/** Work inside a state that has not settled. */
export interface Operation extends PendingRequest {
  /** Milliseconds after which it is told to end. */
  readonly limit: number;
}

interface Request {
  readonly type: string;
  readonly id: RequestId;
}

/**
 * The only place that knows both promises and charts: asks an actor and settles from what it emits. A request
 * that the chart does not take now is refused at once, by `can()`; a requester that goes away cancels; when the
 * actor dies all that is pending is rejected. One port serves all the actors that one id has, one after another.
 */
export class Port<E extends { readonly type: string }, S extends ChartSnapshot<E>, P = never> {
  readonly kind: PortKind;
  readonly id: string;
  readonly #options: PortOptions;
  readonly #pending = new Map<RequestId, Pending<P>>();
  readonly #operations = new Map<RequestId, Operation>();
  #actor: ChartActor<E, S> | undefined;
  #last: S | undefined;
  #shown = { state: '', path: '' };
  #dead = 'it has not been started';
  /** The request that moves the chart, or did so last. */
  #mover: string | undefined;
  #since = 0;
  #count = 0;
  readonly #watchers = new Set<(snapshot: S) => void>();

  constructor(options: PortOptions) {
    this.kind = options.kind;
    this.id = options.id;
    this.#options = options;
    this.#mover = options.correlation;
  }

  /** Makes this the port of that actor, which is not started yet. */
  attach(actor: ChartActor<E, S>): void {
    this.#actor = actor;
    actor.on('*', (emitted) => {
      this.#settle(emitted);
    });
    actor.subscribe({
      next: (snapshot) => {
        this.#changed(snapshot, takenEdges(actor));
      },
      error: (error) => {
        this.#close(actor, `its actor failed: ${messageOf(error)}`, error);
      },
      complete: () => {
        this.#close(actor, `it has been destroyed`);
      },
    });
  }

  /** The chart's snapshot, or the last one of an actor that has died. Undefined before the first start. */
  get snapshot(): S | undefined {
    return this.#last;
  }

  /** The chart's state as one word. */
  get state(): string {
    return this.#last === undefined ? 'registered' : topState(this.#last.value);
  }

  /** The same with its parts, by dots: `pausing.draining`. */
  get path(): string {
    return this.#last === undefined ? 'registered' : statePath(this.#last.value);
  }

  /** Of the request that moves it, or did so last. */
  get correlation(): string | undefined {
    return this.#mover;
  }

  get alive(): boolean {
    return this.#actor !== undefined;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** What is asked of it and not answered yet, the oldest first. */
  get requests(): readonly PendingRequest[] {
    return [...this.#pending].map(([id, { verb, since }]) => ({ id, verb, since }));
  }

  /** The work inside a state that is under way, the oldest first. */
  get operations(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  /** When the chart came into the state that it is in. Milliseconds since the Unix epoch; 0 before the first start. */
  get since(): number {
    return this.#since;
  }

  hasTag(tag: string): boolean {
    return this.#last?.hasTag(tag) ?? false;
  }

  /** What the requester gave along with that request. */
  payload(id: RequestId | undefined): P | undefined {
    return id === undefined ? undefined : this.#pending.get(id)?.payload;
  }

  /**
   * Tells the actor a fact. One that has died hears nothing any more; its port has told whoever waited.
   * @param correlation of the request that it comes by, where there is one
   */
  tell(event: E, correlation?: string): void {
    if (this.#actor?.getSnapshot().status !== 'active') return;
    this.#mover = correlation;
    this.#actor.send(event);
  }

  /** Calls back with each snapshot from now on. Returns what ends it. */
  watch(callback: (snapshot: S) => void): () => void {
    this.#watchers.add(callback);
    return () => {
      this.#watchers.delete(callback);
    };
  }

  /** Why the chart would refuse this now; undefined when it would not. */
  refusal(event: E): RunstateError | undefined {
    const snapshot = this.#last;
    if (snapshot === undefined || snapshot.status !== 'active' || snapshot.can(event)) return undefined;
    return refusal({
      kind: this.kind,
      id: this.id,
      verb: event.type,
      state: topState(snapshot.value),
      unstarted: snapshot.hasTag('unstarted'),
    });
  }

  /**
   * Asks for a change of state, or to wait, and resolves with the reply's result.
   * @throws RunstateError WRONG_STATE or CONTAINER_NOT_STARTED when the chart does not take it now; ACTOR_GONE when
   *   there is no actor or it dies; CANCELLED when `signal` is aborted; DEADLINE or the work's own error.
   */
  ask(request: (id: RequestId) => E & Request, options: AskOptions<P> = {}): Promise<unknown> {
    const event = request(this.#newId(options.correlation));
    const { signal } = options;
    return new Promise((resolve, reject) => {
      const actor = this.#admit(event, signal);
      const abort = () => {
        if (!this.#pending.delete(event.id)) return;
        reject(this.#cancelled(event.type));
        if (actor.getSnapshot().status === 'active') this.#cancel(event.id);
      };
      const settled = (settle: () => void) => {
        signal?.removeEventListener('abort', abort);
        settle();
      };
      this.#pending.set(event.id, {
        verb: event.type,
        since: Date.now(),
        payload: options.payload,
        resolve: (result) => {
          settled(() => {
            resolve(result);
          });
        },
        reject: (error) => {
          settled(() => {
            reject(error);
          });
        },
      });
      signal?.addEventListener('abort', abort, { once: true });
      // One that is asked while another one is carried out moves nothing yet.
      if (askerOf(this.#last?.context) === undefined) this.#mover = options.correlation;
      actor.send(event);
    });
  }

  /**
   * Does work inside a state: the chart takes the request, `work` runs, and the chart is told when it has settled,
   * so that e.g. a pause waits for it. Unlike `ask` it settles only when `work` has: what `work` uses may be closed then.
   * @param limit milliseconds after which `work`'s signal is aborted and DEADLINE told
   * @throws as `ask`, and what `work` throws
   */
  async during<T>(
    request: (id: RequestId) => E & Request,
    work: (signal: AbortSignal) => Promise<T>,
    limit: number,
    options: AskOptions<P> = {},
  ): Promise<T> {
    const event = request(this.#newId(options.correlation));
    const actor = this.#admit(event, options.signal);
    using late = new TimeLimit(limit, options.signal);
    workFor(late.signal, options.correlation);
    this.#operations.set(event.id, { id: event.id, verb: event.type, since: Date.now(), limit });
    actor.send(event);
    try {
      return await work(late.signal);
    } catch (error) {
      if (options.signal?.aborted === true) throw this.#cancelled(event.type, error);
      if (late.isOver)
        throw new RunstateError(
          'DEADLINE',
          { kind: this.kind, id: this.id, verb: phrase(event.type), ms: limit },
          { cause: error },
        );
      throw failure({ kind: this.kind, id: this.id, verb: event.type }, { kind: 'failed', cause: error }, {});
    } finally {
      this.#operations.delete(event.id);
      this.#settled(event.id);
    }
  }

  /** For charts whose events include these; a chart without them ignores them. */
  #cancel: (id: RequestId) => void = () => undefined;
  #settled: (id: RequestId) => void = () => undefined;

  /** How this chart is told that a requester has gone, and that work inside a state has settled. */
  on(events: { readonly cancel: (id: RequestId) => E; readonly settled?: (id: RequestId) => E }): this {
    this.#cancel = (id) => {
      this.tell(events.cancel(id));
    };
    const { settled } = events;
    if (settled !== undefined)
      this.#settled = (id) => {
        this.tell(settled(id));
      };
    return this;
  }

  #newId(correlation: string | undefined): RequestId {
    this.#count += 1;
    return `${correlation ?? nanoid(10)}.${this.#count}`;
  }

  #admit(event: E & Request, signal: AbortSignal | undefined): ChartActor<E, S> {
    const actor = this.#actor;
    if (actor === undefined)
      throw new RunstateError('ACTOR_GONE', {
        kind: this.kind,
        id: this.id,
        verb: phrase(event.type),
        why: this.#dead,
      });
    if (signal?.aborted === true) throw this.#cancelled(event.type);
    const refused = this.refusal(event);
    if (refused !== undefined) throw refused;
    return actor;
  }

  #cancelled(verb: string, cause?: unknown): RunstateError {
    return new RunstateError('CANCELLED', { kind: this.kind, id: this.id, verb: phrase(verb) }, { cause });
  }

  #settle(emitted: Reply | Failure | Trouble): void {
    if (emitted.type === 'trouble') {
      this.#options.onTrouble?.(emitted);
      return;
    }
    const pending = this.#pending.get(emitted.id);
    if (pending === undefined) return;
    this.#pending.delete(emitted.id);
    if (emitted.type === 'reply') pending.resolve(emitted.result);
    else
      pending.reject(
        failure(
          { kind: this.kind, id: this.id, verb: pending.verb },
          emitted.reason,
          this.#options.deadlines,
        ),
      );
  }

  #changed(snapshot: S, edges: readonly TakenEdge[]): void {
    this.#last = snapshot;
    const [from, to] = [this.#shown.state, topState(snapshot.value)];
    const path = statePath(snapshot.value);
    this.#mover = askerOf(snapshot.context) ?? this.#mover;
    if (path !== this.#shown.path) {
      const at = Date.now();
      this.#shown = { state: to, path };
      if (to !== from) this.#since = at;
      const { kind, id } = this;
      this.#options.onTransition?.({ kind, id, from, to, path, edges, at, correlation: this.#mover });
    }
    for (const callback of this.#watchers) callback(snapshot);
  }

  #close(actor: ChartActor<E, S>, why: string, cause?: unknown): void {
    if (this.#actor !== actor) return;
    this.#actor = undefined;
    this.#dead = why;
    this.#changed(actor.getSnapshot(), takenEdges(actor));
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { verb, reject } of pending)
      reject(
        new RunstateError('ACTOR_GONE', { kind: this.kind, id: this.id, verb: phrase(verb), why }, { cause }),
      );
  }
}
