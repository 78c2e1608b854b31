/** The shapes of observations, to be looked for in what somebody else has written. */
import * as v from 'valibot';
import type { Observation } from './types.ts';

const at = v.number();
const kind = v.picklist(['sandbox', 'container', 'process']);
const phase = v.picklist(['began', 'succeeded', 'failed']);
const actor = { id: v.string(), state: v.string(), path: v.optional(v.string()), since: v.number() };
const ended = { duration: v.optional(v.number()), error: v.optional(v.string()) };

const alarm = {
  ...{ number: v.number(), kind: v.picklist(['event-loop', 'overdue', 'platform']), thing: v.string() },
  ...{ since: v.number(), waitsFor: v.string(), stack: v.optional(v.array(v.string())) },
};

const observation: v.GenericSchema<unknown, Observation> = v.variant('type', [
  v.object({
    ...{ type: v.literal('snapshot'), at, sandbox: v.object(actor) },
    containers: v.array(v.object({ ...actor, isRoot: v.boolean(), processes: v.array(v.object(actor)) })),
    deadlines: v.optional(v.record(v.string(), v.record(v.string(), v.number()))),
    alarms: v.optional(v.array(v.object(alarm))),
  }),
  v.object({
    ...{ type: v.literal('transition'), at, kind, id: v.string(), from: v.string(), to: v.string() },
    path: v.string(),
    edges: v.array(v.object({ from: v.string(), to: v.string(), event: v.string() })),
    correlation: v.optional(v.string()),
  }),
  v.object({
    ...{ type: v.literal('call'), at, phase, method: v.string(), correlation: v.string(), ...ended },
  }),
  v.object({
    ...{ type: v.literal('step'), at, phase, number: v.number(), name: v.string(), id: v.string() },
    ...{ correlation: v.optional(v.string()), ...ended },
  }),
  v.object({
    ...{ type: v.literal('alarm'), at, phase: v.picklist(['began', 'ended']), ...alarm },
    duration: v.optional(v.number()),
  }),
  v.object({ type: v.literal('note'), at, text: v.string() }),
  v.object({ type: v.literal('dropped'), at, count: v.number() }),
]);

/** @throws Error that says what of it is wrong */
export function checkObservation(value: unknown): Observation {
  const { success, output, issues } = v.safeParse(observation, value);
  if (success) return output;
  const [issue] = issues;
  const path = v.getDotPath(issue);
  throw new Error(path === null ? issue.message : `${path}: ${issue.message}`);
}
