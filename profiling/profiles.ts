import { RunstateError } from '../errors/index.ts';
import type { Logger } from '../log/logger.ts';
import { startCpuProfile, stopCpuProfile } from './cpu.ts';
import { heapProfile, sampleHeap } from './heap.ts';
import { Trace } from './trace.ts';

/** Where a profile goes when it is complete. */
export interface ProfileOutput {
  write(bytes: Uint8Array): Promise<void>;
  /** Whether it was written or not; what is being written is given up. Does not reject. Idempotent. */
  close(): Promise<void>;
}

/** Who has it taken. */
export interface ProfileOwner {
  /** A sandbox's id: with it the profile ends. */
  readonly id: string;
  readonly log: Logger;
}

/** Something that was started and is to be stopped. */
interface Running<T> {
  readonly owner: string;
  readonly output: ProfileOutput;
  readonly started: Promise<T>;
  readonly limit: NodeJS.Timeout;
}

/** Ends what its owner began, and writes it. @throws RunstateError PROFILING, and what the output throws */
export type StopOwn = () => Promise<void>;

/** How long one may go on that nobody stops, in ms: its samples stay in memory. */
const longest = 65 * 60_000;

const refused = (what: string): RunstateError => new RunstateError('PROFILING', { what });

/**
 * The profiles of this process that are under way: at most one of the processor and one trace, whoever asked, as in
 * the original (gVisor's pkg/sentry/control/pprof.go, and the words of Go's runtime/pprof and runtime/trace). One that
 * nobody stops is stopped after 65 minutes, or when its sandbox ends, and written.
 */
class Profiles {
  #cpu: Running<void> | undefined;
  #trace: Running<Trace> | undefined;

  /**
   * Begins one of the processor. The output becomes this object's unless it throws. Gives what stops this very one:
   * nothing to do when somebody else has. @throws RunstateError PROFILING
   */
  async startCpu(output: ProfileOutput, owner: ProfileOwner): Promise<StopOwn> {
    if (this.#cpu !== undefined) throw refused('cpu profiling already in use');
    const stopOwn = async (): Promise<void> => {
      if (this.#cpu === running) await this.stopCpu();
    };
    const running = this.#run(output, owner, startCpuProfile(), stopOwn);
    this.#cpu = running;
    try {
      await running.started;
      return stopOwn;
    } catch (error) {
      this.#cpu = undefined;
      clearTimeout(running.limit);
      throw refused(`cpu profiling cannot be started: ${String(error)}`);
    }
  }

  /** Ends it and writes it. @throws RunstateError PROFILING, and what the output throws */
  async stopCpu(): Promise<void> {
    const running = this.#cpu;
    if (running === undefined) throw refused('CPU profiling not started');
    this.#cpu = undefined;
    await finish(running, stopCpuProfile);
  }

  /** Begins a trace, as {@link startCpu}. @throws RunstateError PROFILING */
  async startTrace(output: ProfileOutput, owner: ProfileOwner): Promise<StopOwn> {
    if (this.#trace !== undefined) throw refused('tracing is already enabled');
    const stopOwn = async (): Promise<void> => {
      if (this.#trace === running) await this.stopTrace();
    };
    const running = this.#run(output, owner, Trace.start(), stopOwn);
    this.#trace = running;
    try {
      await running.started;
      return stopOwn;
    } catch (error) {
      this.#trace = undefined;
      clearTimeout(running.limit);
      throw refused(`tracing cannot be started: ${String(error)}`);
    }
  }

  /** Ends it and writes it. @throws RunstateError PROFILING, and what the output throws */
  async stopTrace(): Promise<void> {
    const running = this.#trace;
    if (running === undefined) throw refused('execution tracing not started');
    this.#trace = undefined;
    await finish(running, (trace) => trace.stop());
  }

  /** Writes what lives on the heap. @throws what the output throws */
  async heap(output: ProfileOutput): Promise<void> {
    try {
      await sampleHeap();
      await output.write(await heapProfile());
    } finally {
      await output.close();
    }
  }

  /** A sandbox has ended: stops what was begun for it, and writes it. Does not reject: what fails is logged. */
  async endOf({ id, log }: ProfileOwner): Promise<void> {
    const ends = [
      ...(this.#cpu?.owner === id ? [this.stopCpu()] : []),
      ...(this.#trace?.owner === id ? [this.stopTrace()] : []),
    ];
    for (const outcome of await Promise.allSettled(ends))
      if (outcome.status === 'rejected')
        log.warn("a profile that was under way at its sandbox's end was not written", {
          cause: outcome.reason,
        });
  }

  /** Enters something that has happened in the trace, if there is one. */
  note(name: string, category: string, args: Readonly<Record<string, unknown>>): void {
    void this.#trace?.started.then(
      (trace) => trace.note(name, category, args),
      // Whoever started it was told.
      () => undefined,
    );
  }

  #run<T>(
    output: ProfileOutput,
    { id, log }: ProfileOwner,
    started: Promise<T>,
    stop: () => Promise<void>,
  ): Running<T> {
    const limit = setTimeout(() => {
      log.warn('a profile that nobody stopped is stopped', { after: `${longest} ms` });
      stop().catch((cause: unknown) => log.error('a profile was not written', { cause }));
    }, longest);
    limit.unref();
    return { owner: id, output, started, limit };
  }
}

async function finish<T>(
  { output, started, limit }: Running<T>,
  stop: (started: T) => Promise<Uint8Array>,
): Promise<void> {
  clearTimeout(limit);
  let late: NodeJS.Timeout | undefined;
  try {
    const bytes = await stop(await started);
    // A pipe that nobody reads would keep its sandbox from ending.
    late = setTimeout(() => void output.close(), patience);
    await output.write(bytes);
  } finally {
    clearTimeout(late);
    await output.close();
  }
}

/** How long writing one may take, in ms. */
const patience = 10_000;

/** They are the process's: the inspector of Node has one of each. */
export const profiles = new Profiles();
