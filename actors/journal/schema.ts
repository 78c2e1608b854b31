/** The shape of records, to be looked for in what a supervisor before this one has written. */
import * as v from 'valibot';
import { checkObservation } from '../../observation/schema.ts';
import type { JournalRecord } from './record.ts';

const at = v.number();

const record: v.GenericSchema<unknown, JournalRecord> = v.variant('type', [
  v.object({
    ...{ type: v.literal('begin'), at, version: v.number(), sandbox: v.string() },
    supervisor: v.object({ pid: v.number() }),
    host: v.unknown(),
  }),
  v.object({
    ...{ type: v.literal('chart'), at, kind: v.picklist(['sandbox', 'container', 'process']) },
    ...{ id: v.string(), pid: v.optional(v.number()), path: v.string() },
    context: v.record(v.string(), v.unknown()),
    facts: v.optional(v.unknown()),
  }),
  v.object({ type: v.literal('forgotten'), at, id: v.string() }),
  v.object({
    type: v.literal('observed'),
    what: v.pipe(v.unknown(), v.transform(checkObservation)),
  }),
]);

/** @throws Error that says what of it is wrong */
export function checkRecord(value: unknown): JournalRecord {
  const { success, output, issues } = v.safeParse(record, value);
  if (success) return output;
  const [issue] = issues;
  const path = v.getDotPath(issue);
  throw new Error(path === null ? issue.message : `${path}: ${issue.message}`);
}
