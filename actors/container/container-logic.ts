import { fromPromise, type SnapshotFrom } from 'xstate';
import { containerMachine } from '../../machines/container.ts';
import type { ContainerEvent, WorkInput } from '../../machines/container-setup.ts';
import type { Deadlines } from '../deadlines.ts';
import { correlationOf } from '../port/correlation.ts';
import type { Port } from '../port/port.ts';
import { workFor } from '../port/work-for.ts';
import { stopWorkOnCrash } from '../stop-work-on-crash.ts';
import type { CreatePayload } from './create-payload.ts';

export type ContainerSnapshot = SnapshotFrom<typeof containerMachine>;
export type ContainerPort = Port<ContainerEvent, ContainerSnapshot, CreatePayload>;
export type ContainerLogic = typeof containerMachine;

/** What the chart's invoked actors do; `signal` is aborted when the chart leaves the state. */
export type ContainerWork = Readonly<
  Record<
    'create' | 'start' | 'freeze' | 'thaw' | 'destroy',
    (input: WorkInput, signal: AbortSignal) => Promise<unknown>
  >
>;

/** The container's chart with real work and deadlines: one logic for all containers of a sandbox. */
export function containerLogic(work: ContainerWork, deadlines: Deadlines['container']): ContainerLogic {
  const actor = (name: keyof ContainerWork) =>
    fromPromise<unknown, WorkInput>(({ input, signal }) => {
      if (input.request !== undefined) workFor(signal, correlationOf(input.request));
      return work[name](input, signal);
    });
  return stopWorkOnCrash(
    containerMachine.provide({
      delays: { ...deadlines },
      actors: {
        create: actor('create'),
        start: actor('start'),
        freeze: actor('freeze'),
        thaw: actor('thaw'),
        destroy: actor('destroy'),
      },
    }),
  );
}
