import { RunstateError } from '../../../errors/index.ts';
import type { Logger } from '../../../log/logger.ts';
import type {
  ControlFile,
  ObservedState,
  PlatformInspection,
  ProcessStacks,
  ProcfsDump,
  TraceCallsOptions,
} from '../../inspection.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import type { ContainerSet } from '../container/container-set.ts';
import { readMadeFrom } from '../container/made-from.ts';
import { readStat } from '../proc/stat.ts';
import { systemFailure } from '../system-error.ts';
import { CallTracer } from './call-tracer.ts';
import { readControlFile, writeControlFile } from './control-files.ts';
import { openContainerFile } from './open-file.ts';
import { procfsDumps } from './procfs.ts';
import { processStacks } from './stacks.ts';

/** What the kernel shows of the containers of one sandbox. */
export class LinuxInspection implements PlatformInspection {
  readonly #containers: ContainerSet;
  readonly #cgroups: SandboxCgroups;
  readonly #log: Logger;
  readonly #tracer: CallTracer;
  #changing: Promise<void> = Promise.resolve();

  constructor(containers: ContainerSet, cgroups: SandboxCgroups, log: Logger) {
    this.#containers = containers;
    this.#cgroups = cgroups;
    this.#log = log;
    this.#tracer = new CallTracer(log);
  }

  async observe(cid: string): Promise<ObservedState> {
    const container = this.#containers.get(cid);
    const { initPid } = container;
    try {
      const [pids, stat, isFrozen] = await Promise.all([
        this.#cgroups.pids(cid),
        initPid === undefined ? undefined : readStat(initPid),
        this.#cgroups.standsStill(cid),
      ]);
      // Until its end is told nobody else has its number. One that is killed is in no cgroup any more, but has not ended while
      // others of its container are frozen. Later another process may have that number.
      const isOurs = container.init !== undefined || pids.includes(initPid ?? 0);
      const isThere = stat !== undefined && stat.state !== 'Z' && isOurs;
      return { init: isThere ? 'there' : 'gone', isFrozen, processes: pids.length };
    } catch (error) {
      throw systemFailure('look at', `container ${cid}`, error);
    }
  }

  async madeFrom(cid: string): Promise<{ readonly bundle: string; readonly spec: ContainerSpec }> {
    const { directory } = await Promise.resolve(this.#containers.get(cid));
    return readMadeFrom(directory);
  }

  async stacks(cid: string): Promise<readonly ProcessStacks[]> {
    try {
      return await processStacks(await this.#pids(cid));
    } catch (error) {
      throw systemFailure('read the stacks of', `container ${cid}`, error);
    }
  }

  async procfs(cid: string): Promise<readonly ProcfsDump[]> {
    try {
      return await procfsDumps(await this.#pids(cid));
    } catch (error) {
      throw systemFailure('read /proc of', `container ${cid}`, error);
    }
  }

  async readControlFile(cid: string, file: ControlFile): Promise<string> {
    this.#containers.get(cid);
    return readControlFile(cid, file, (controller) => this.#cgroups.directoryOf(cid, controller));
  }

  async writeControlFile(cid: string, file: ControlFile, value: string): Promise<void> {
    this.#containers.get(cid);
    await writeControlFile(cid, file, value, (controller) => this.#cgroups.directoryOf(cid, controller));
  }

  async openFile(cid: string, path: string): Promise<number> {
    const { initPid } = this.#containers.get(cid);
    if (initPid === undefined) throw new RunstateError('CONTAINER_NOT_STARTED', { id: cid });
    return openContainerFile(cid, initPid, path);
  }

  /** One change after the other: the last is what counts. */
  traceCalls(options: TraceCallsOptions | undefined): Promise<void> {
    const done = this.#changing.then(() => this.#changeTracing(options));
    this.#changing = done.catch(() => undefined);
    return done;
  }

  async #changeTracing(options: TraceCallsOptions | undefined): Promise<void> {
    const before = this.#tracer.options;
    await this.#tracer.end();
    if (options === undefined) return;
    try {
      await this.#traceAll(options);
    } catch (error) {
      await this.#tracer.end();
      // What is refused changes nothing.
      if (before !== undefined)
        await this.#traceAll(before).catch((cause: unknown) =>
          this.#log.warn('what was traced before is not any more', { cause }),
        );
      throw error;
    }
  }

  async #traceAll(options: TraceCallsOptions): Promise<void> {
    this.#tracer.begin(options);
    for (const cid of this.#containers.ids) await this.#trace(cid);
  }

  /** Processes were started otherwise than by those that are traced. They run, also where they cannot be traced. */
  async traceNew(cid: string): Promise<void> {
    if (!this.#tracer.isOn) return;
    try {
      await this.#trace(cid);
    } catch (error) {
      this.#log.warn('the system calls of new processes are not traced', { container: cid, cause: error });
    }
  }

  /** @throws RunstateError CHECKPOINT_REFUSED: CRIU, too, is a tracer, and a process has one at a time (ptrace(2)) */
  refuseWhileTracing(sandbox: string): void {
    if (!this.#tracer.isAttached) return;
    const why = 'its system calls are traced; first: runstate debug --strace off';
    throw new RunstateError('CHECKPOINT_REFUSED', { kind: 'sandbox', id: sandbox, why });
  }

  close(): Promise<void> {
    return this.#tracer.end();
  }

  async #trace(cid: string): Promise<void> {
    await this.#tracer.attach(cid, await this.#pids(cid));
  }

  #pids(cid: string): Promise<readonly number[]> {
    this.#containers.get(cid);
    return this.#cgroups.pids(cid);
  }
}
