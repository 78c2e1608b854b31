import { setMaxListeners } from 'node:events';
import { createActor, fromPromise, type AnyActorRef, type SnapshotFrom } from 'xstate';
import { sandboxMachine } from '../../machines/sandbox.ts';
import type { SandboxEvent, SandboxWorkInput } from '../../machines/sandbox-setup.ts';
import type { Deadlines } from '../deadlines.ts';
import { correlationOf } from '../port/correlation.ts';
import type { Port } from '../port/port.ts';
import { workFor } from '../port/work-for.ts';
import { stopWorkOnCrash } from '../stop-work-on-crash.ts';
import type { RecoveredSandbox } from '../recovery/recovered.ts';
import type { SandboxPayload } from './sandbox-payload.ts';

export type SandboxSnapshot = SnapshotFrom<typeof sandboxMachine>;
export type SandboxPort = Port<SandboxEvent, SandboxSnapshot, SandboxPayload>;
export type SandboxLogic = typeof sandboxMachine;

/** What the chart's invoked actors do; `signal` is aborted when the chart leaves the state. */
export type SandboxWork = Readonly<
  Record<
    | 'open'
    | 'createRoot'
    | 'startRoot'
    | 'hold'
    | 'freeze'
    | 'thaw'
    | 'dump'
    | 'write'
    | 'clear'
    | 'stage'
    | 'load'
    | 'end'
    | 'destroy',
    (input: SandboxWorkInput, signal: AbortSignal) => Promise<unknown>
  >
>;

/** The sandbox's chart with real work and deadlines. */
export function sandboxLogic(work: SandboxWork, deadlines: Deadlines['sandbox']): SandboxLogic {
  const actor = (name: keyof SandboxWork) =>
    fromPromise<unknown, SandboxWorkInput>(({ input, signal }) => {
      // Each container listens to it: Node warns of more than ten.
      setMaxListeners(0, signal);
      if (input.request !== undefined) workFor(signal, correlationOf(input.request));
      return work[name](input, signal);
    });
  return stopWorkOnCrash(
    sandboxMachine.provide({
      delays: { ...deadlines },
      actors: {
        open: actor('open'),
        createRoot: actor('createRoot'),
        startRoot: actor('startRoot'),
        hold: actor('hold'),
        freeze: actor('freeze'),
        thaw: actor('thaw'),
        dump: actor('dump'),
        write: actor('write'),
        clear: actor('clear'),
        stage: actor('stage'),
        load: actor('load'),
        end: actor('end'),
        destroy: actor('destroy'),
      },
    }),
  );
}

/**
 * Makes the sandbox's actor; after a crash in its last state, or, when work was under way, in `leaking`.
 * @param what of one that another supervisor has made: where it goes on
 */
export function createSandbox(
  port: SandboxPort,
  logic: SandboxLogic,
  { sandbox, recovered }: { readonly sandbox: string; readonly recovered: RecoveredSandbox | undefined },
  parent: AnyActorRef,
): AnyActorRef {
  const last = port.snapshot;
  const base = { id: 'sandbox', parent, input: { sandbox } };
  const snapshot = last === undefined ? recover(logic, sandbox, recovered) : resume(logic, last);
  const actor = createActor(logic, snapshot === undefined ? base : { ...base, snapshot });
  port.attach(actor);
  return actor;
}

/** One that is `empty` is opened anew: by that its deadline begins. */
function recover(
  logic: SandboxLogic,
  sandbox: string,
  recovered: RecoveredSandbox | undefined,
): SandboxSnapshot | undefined {
  if (recovered === undefined || recovered.state === 'empty') return undefined;
  const asked = { asking: undefined, failure: undefined, destroying: [], admitted: [] };
  return logic.resolveState({ value: recovered.state, context: { sandbox, ...asked, ...recovered.context } });
}

function resume(logic: SandboxLogic, last: SandboxSnapshot): SandboxSnapshot {
  const context = { ...last.context, asking: undefined, destroying: [], admitted: [] };
  const stable = typeof last.value === 'string' && !last.hasTag('busy');
  return logic.resolveState({ value: stable ? last.value : 'leaking', context });
}
