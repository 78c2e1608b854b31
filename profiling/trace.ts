/**
 * A trace of this process: Node's and V8's own events, and the transitions of the charts, in the Trace Event Format of
 * Chromium, which Perfetto and chrome://tracing open.
 */
import type { NodeTracing } from 'node:inspector';
import { inspectorSession } from './session.ts';

const categories = ['v8', 'node.perf', 'node.fs.async', 'node.promises.rejections'];

/** An event of ours, by the format's names. */
export interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  /** `i`: something has happened. */
  readonly ph: 'i';
  /** Its line is the whole process's. */
  readonly s: 'p';
  /** Microseconds of the monotonic clock, as those of Node and V8. */
  readonly ts: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** More than this are not kept: a trace that is forgotten must not fill the memory. */
const mostEvents = 500_000;

export class Trace {
  readonly #events: unknown[] = [];
  #dropped = 0;
  readonly #collect = ({ params }: { params: NodeTracing.DataCollectedEventDataType }): void => {
    for (const event of params.value) this.#add(event);
  };

  private constructor() {
    inspectorSession().on('NodeTracing.dataCollected', this.#collect);
  }

  /** Begins one. One at a time: the caller sees to that. */
  static async start(): Promise<Trace> {
    const trace = new Trace();
    try {
      await inspectorSession().post('NodeTracing.start', { traceConfig: { includedCategories: categories } });
    } catch (error) {
      inspectorSession().off('NodeTracing.dataCollected', trace.#collect);
      throw error;
    }
    return trace;
  }

  /** Enters that something has happened, now. */
  note(name: string, cat: string, args: Readonly<Record<string, unknown>>): void {
    const ts = Number(process.hrtime.bigint() / 1000n);
    const event: TraceEvent = { name, cat, ph: 'i', s: 'p', ts, pid: process.pid, tid: process.pid, args };
    this.#add(event);
  }

  /** Ends it, and gives it as JSON. */
  async stop(): Promise<Uint8Array> {
    const session = inspectorSession();
    const complete = new Promise<void>((resolve) => {
      session.once('NodeTracing.tracingComplete', () => resolve());
    });
    try {
      await session.post('NodeTracing.stop');
      await complete;
    } finally {
      session.off('NodeTracing.dataCollected', this.#collect);
    }
    const otherData = { producer: 'runstate', node: process.version, dropped: this.#dropped };
    return Buffer.from(JSON.stringify({ traceEvents: this.#events, otherData }));
  }

  #add(event: unknown): void {
    if (this.#events.length < mostEvents) this.#events.push(event);
    else this.#dropped += 1;
  }
}
