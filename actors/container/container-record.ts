import { createActor, type AnyActorRef } from 'xstate';
import { publicState } from '../../machines/public-state.ts';
import { isStatus, type ExitStatus } from '../../platforms/exit-status.ts';
import { ProcessTable } from '../process/process-table.ts';
import { Port, type Transition } from '../port/port.ts';
import type { ChildSpec } from '../host.ts';
import type { Deadlines } from '../deadlines.ts';
import type { ContainerLogic, ContainerPort } from './container-logic.ts';
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
}

/** What was learned when the container was created, for its state document. */
export interface CreatedFacts {
  readonly bundle: string;
  readonly ociVersion: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** 0 where the platform has no such thing. */
  readonly hostPid: number;
}

/** One container of a sandbox: the port to its chart, its exec'd processes, and what its state document tells. */
export class ContainerRecord {
  readonly cid: string;
  readonly isRoot: boolean;
  readonly port: ContainerPort;
  readonly processes: ProcessTable;
  readonly execs: ExecCutter;
  readonly registeredAt = new Date();
  #facts: CreatedFacts = { bundle: '', ociVersion: '1.0.2', annotations: {}, hostPid: 0 };

  constructor(options: ContainerRecordOptions) {
    const { cid, isRoot, logic, deadlines, correlation, host, onTransition } = options;
    this.cid = cid;
    this.isRoot = isRoot;
    this.processes = new ProcessTable({ cid, host, onTransition });
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
      create: (parent) => createContainer(port, logic, { cid, isRoot }, parent),
      onCrash: (error, givenUp) => {
        options.onCrash(cid, error, givenUp);
      },
    });
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

function createContainer(
  port: ContainerPort,
  logic: ContainerLogic,
  input: { readonly cid: string; readonly isRoot: boolean },
  parent: AnyActorRef,
): AnyActorRef {
  const last = port.snapshot;
  const actor =
    last === undefined
      ? createActor(logic, { id: input.cid, parent, input })
      : createActor(logic, { id: input.cid, parent, input, snapshot: resumeAfterCrash(logic, last) });
  port.attach(actor);
  return actor;
}
