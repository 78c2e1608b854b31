import { createActor, type AnyActorRef, type SnapshotFrom } from 'xstate';
import { RunstateError } from '../../errors/index.ts';
import { processMachine, type ProcessEvent } from '../../machines/process.ts';
import { isStatus, type ExitStatus } from '../../platforms/exit-status.ts';
import type { ChildSpec } from '../host.ts';
import type { Call } from '../call.ts';
import { Port, type Transition } from '../port/port.ts';

export type ProcessPort = Port<ProcessEvent, SnapshotFrom<typeof processMachine>>;

/** How many exit statuses that nobody asked for are kept for one container: the oldest is let go. */
const keptStatuses = 1000;

export interface ProcessTableOptions {
  readonly cid: string;
  readonly host: (spec: ChildSpec) => void;
  readonly onTransition: (transition: Transition) => void;
  /** Whenever something of a process's chart has changed. */
  readonly onChange?: (pid: number, port: ProcessPort) => void;
}

/** The processes that execs started in one container, each a chart, named by its pid in the container's numbering. */
export class ProcessTable {
  readonly #options: ProcessTableOptions;
  readonly #ports = new Map<number, ProcessPort>();
  /** Those that ended before their exec was answered. */
  readonly #early = new Map<number, ExitStatus>();
  #count = 0;

  constructor(options: ProcessTableOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#ports.size;
  }

  /** The ports to them, in the order of their start, by their pids in the container. */
  get ports(): ReadonlyMap<number, ProcessPort> {
    return this.#ports;
  }

  has(pid: number): boolean {
    return this.#ports.has(pid);
  }

  /** Enters a process that was started. One that had the same pid before, and that nobody waited for, is let go. */
  started(pid: number, correlation?: string): void {
    this.#ports.get(pid)?.tell({ type: 'discard' });
    const { cid, host, onTransition, onChange } = this.#options;
    const port: ProcessPort = new Port({
      ...{ kind: 'process', id: `${cid}/${pid}`, deadlines: {}, correlation, onTransition },
    });
    port.on({ cancel: (id) => ({ type: 'cancel', id }) });
    port.watch(() => onChange?.(pid, port));
    this.#ports.set(pid, port);
    this.#count += 1;
    host({
      id: `${cid}/${pid}#${this.#count}`,
      create: (parent) => this.#create(port, pid, parent),
    });
    const early = this.#early.get(pid);
    this.#early.delete(pid);
    if (early !== undefined) port.tell({ type: 'exited', status: early });
    this.#forgetOldest();
  }

  /** A process has ended: told to those who wait, or kept for the first who asks. */
  exited(pid: number, status: ExitStatus): void {
    const port = this.#ports.get(pid);
    if (port === undefined) {
      this.#early.set(pid, status);
      for (const [oldest] of this.#early) {
        if (this.#early.size <= keptStatuses) break;
        this.#early.delete(oldest);
      }
    } else port.tell({ type: 'exited', status });
  }

  /**
   * Resolves with the exit status of a process in the table, which is then handed out.
   * @throws RunstateError PROCESS_NOT_FOUND when it is not in the table; CANCELLED; ACTOR_GONE when the container
   *   is destroyed before the process was seen to end
   */
  async wait(pid: number, call: Call): Promise<ExitStatus> {
    const port = this.#ports.get(pid);
    if (port === undefined) throw new RunstateError('PROCESS_NOT_FOUND', { cid: this.#options.cid, pid });
    const status = await port.ask((id) => ({ type: 'wait', id }), call);
    return isStatus(status) ? status : { kind: 'unknown', why: 'the supervisor kept none' };
  }

  /** The container has gone: nobody will ask any more. */
  clear(): void {
    for (const port of this.#ports.values()) port.tell({ type: 'discard' });
  }

  #create(port: ProcessPort, pid: number, parent: AnyActorRef): AnyActorRef {
    const actor = createActor(processMachine, { parent, input: { cid: this.#options.cid, pid } });
    port.attach(actor);
    const forget = () => {
      if (this.#ports.get(pid) === port) this.#ports.delete(pid);
    };
    actor.subscribe({ complete: forget, error: forget });
    return actor;
  }

  /** The map is in the order of starting; those that still run stay. */
  #forgetOldest(): void {
    if (this.#ports.size <= keptStatuses) return;
    for (const port of [...this.#ports.values()])
      if (port.state === 'ended') {
        port.tell({ type: 'discard' });
        return;
      }
  }
}
