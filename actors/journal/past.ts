import type { Observation } from '../../observation/types.ts';
import type { JournalRecord } from './record.ts';

/** So much of the past is of use to whoever looks at the sandbox. */
const most = 1000;

/** What observers were told, by a journal: begins with a snapshot, and is bounded. */
export function pastOf(records: readonly JournalRecord[]): readonly Observation[] {
  const [begin] = records;
  if (begin?.type !== 'begin') return [];
  const { at, sandbox: id } = begin;
  const observed = records.flatMap((record) => (record.type === 'observed' ? [record.what] : []));
  const first = observed.findLastIndex((one, i) => one.type === 'snapshot' && i < observed.length - most);
  const since = first < 0 ? observed : observed.slice(first);
  if (since[0]?.type === 'snapshot') return since;
  return [
    { type: 'snapshot', at, sandbox: { id, state: 'registered', since: at }, containers: [] },
    ...since,
  ];
}
