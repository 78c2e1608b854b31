import { createActor, type AnyActorRef } from 'xstate';
import type { ContainerContext } from '../../machines/container-setup.ts';
import { publicState } from '../../machines/public-state.ts';
import { isStatus, type ExitStatus } from '../../platforms/exit-status.ts';
import { ProcessTable, type ProcessPort } from '../process/process-table.ts';
import type { RecoveredContainer } from '../recovery/recovered.ts';
import { Port, type Transition } from '../port/port.ts';
import type { ChildSpec } from '../host.ts';
import type { Deadlines } from '../deadlines.ts';
import type { ContainerLogic, ContainerPort } from './container-logic.ts';
import { readFacts, readRegisteredAt, type CreatedFacts } from './created-facts.ts';
import { ExecCutter } from './exec-cutter.ts';
import { resumeAfterCrash } from './resume-after-crash.ts';

export interface ContainerRecordOptions {
  readonly cid: string;
  readonly isRoot: boolean;
  readonly logic: ContainerLogic;
  readonly deadlines: Deadlines['container'];
  /** The request that it is registered for. */
  readonly correlation: string | undefined;
  readonly host: (spec: ChildSpec) => void;
  readonly onTransition: (transition: Transition) => void;
  onCrash(cid: string, error: unknown, givenUp: boolean): void;
  /** Whenever something of the chart of one of its processes has changed. */
  readonly onProcessChange?: (pid: number, port: ProcessPort) => void;
  /** Where it goes on, of one that another supervisor has made. */
  readonly recovered?: RecoveredContainer | undefined;
  readonly isRegisteredAlone?: boolean | undefined;
}

/** One container of a sandbox: the port to its chart, its exec'd processes, and what its state document tells. */
export class ContainerRecord {
  readonly cid: string;
  readonly isRoot: boolean;
  readonly port: ContainerPort;
  readonly processes: ProcessTable;
  readonly execs: ExecCutter;
  readonly registeredAt: Date;
  /** Somebody was told that it is registered: it is not just on the way to be made. */
  readonly isRegisteredAlone: boolean;
  #facts: CreatedFacts;

  constructor(options: ContainerRecordOptions) {
    const { cid, isRoot, logic, deadlines, correlation, host, onTransition } = options;
    this.cid = cid;
    this.isRoot = isRoot;
    const { recovered, onProcessChange } = options;
    this.isRegisteredAlone = options.isRegisteredAlone ?? recovered?.state === 'registered';
    this.registeredAt = readRegisteredAt(recovered?.facts) ?? new Date();
    this.#facts = readFacts(recovered?.facts);
    this.processes = new ProcessTable({
      ...{ cid, host, onTransition },
      ...(onProcessChange === undefined ? {} : { onChange: onProcessChange }),
    });
    const port: ContainerPort = new Port({
      kind: 'container',
      id: cid,
      deadlines: { ...deadlines },
      correlation,
      onTransition,
    });
    this.port = port.on({
      cancel: (id) => ({ type: 'cancel', id }),
      settled: (id) => ({ type: 'settled', id }),
    });
    this.execs = new ExecCutter(port, deadlines);
    host({
      id: cid,
      create: (parent) => createContainer(port, logic, { cid, isRoot, recovered }, parent),
      onCrash: (error, givenUp) => {
        options.onCrash(cid, error, givenUp);
      },
    });
    for (const { pid, status } of recovered?.processes ?? []) {
      this.processes.started(pid);
      if (status !== undefined) this.processes.exited(pid, status);
    }
  }

  created(facts: CreatedFacts): void {
    this.#facts = facts;
  }

  get facts(): CreatedFacts {
    return this.#facts;
  }

  /** How init ended; undefined while it has not. */
  get status(): ExitStatus | undefined {
    const status = this.port.snapshot?.context.status;
    return isStatus(status) ? status : undefined;
  }

  get publicState(): ReturnType<typeof publicState> {
    return publicState(this.port.state);
  }
}

interface Input {
  readonly cid: string;
  readonly isRoot: boolean;
  readonly recovered: RecoveredContainer | undefined;
}

/** Those who asked and waited have lost their connection. */
const contextOf = (cid: string, { context }: RecoveredContainer): ContainerContext => ({
  ...{ ...context, cid, asking: undefined, destroying: [], waiters: [], operations: [] },
});

function createContainer(
  port: ContainerPort,
  logic: ContainerLogic,
  { recovered, ...input }: Input,
  parent: AnyActorRef,
): AnyActorRef {
  const last = port.snapshot;
  const base = { id: input.cid, parent, input };
  const snapshot =
    last !== undefined
      ? resumeAfterCrash(logic, last)
      : recovered === undefined
        ? undefined
        : logic.resolveState({ value: recovered.state, context: contextOf(input.cid, recovered) });
  const actor = createActor(logic, snapshot === undefined ? base : { ...base, snapshot });
  port.attach(actor);
  return actor;
}
