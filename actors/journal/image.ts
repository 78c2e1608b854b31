import type { BeginRecord, ChartRecord, JournalRecord } from './record.ts';

/** One chart as it was last written. */
export interface ChartImage {
  readonly path: string;
  readonly context: Readonly<Record<string, unknown>>;
}

export interface ContainerImage extends ChartImage {
  readonly cid: string;
  readonly facts: unknown;
  /** The exec'd ones, by their pids in the container. */
  readonly processes: ReadonlyMap<number, ChartImage>;
}

/** A sandbox as its journal has it at its end. */
export interface SandboxImage {
  readonly id: string;
  /** See {@link BeginRecord}. */
  readonly host: unknown;
  /** Undefined when its supervisor died before the sandbox's chart was written. */
  readonly sandbox: ChartImage | undefined;
  /** In the order of their registration. */
  readonly containers: readonly ContainerImage[];
}

/**
 * For how long an exit status that was handed out is kept for whoever asks again, in ms: the answer may have been lost with
 * the supervisor that gave it.
 */
const keptAfterTold = 60_000;

/** What a journal's records come to. @throws Error when they do not begin as a journal does */
export function imageOf(records: readonly JournalRecord[]): SandboxImage {
  let begin: BeginRecord | undefined;
  let sandbox: ChartImage | undefined;
  const containers = new Map<string, MutableContainer>();
  const end = records.reduce((last, record) => Math.max(last, atOf(record)), 0);
  for (const record of records) {
    if (record.type === 'begin') begin = record;
    else if (record.type === 'forgotten') containers.delete(record.id);
    else if (record.type === 'chart') {
      if (record.kind === 'sandbox') sandbox = chartOf(record);
      else if (record.kind === 'container') takeContainer(containers, record);
      else takeProcess(containers, record, end);
    }
  }
  if (begin === undefined) throw new Error('the journal has no beginning');
  return { id: begin.sandbox, host: begin.host, sandbox, containers: [...containers.values()] };
}

interface MutableContainer extends ChartImage {
  readonly cid: string;
  readonly facts: unknown;
  readonly processes: Map<number, ChartImage>;
}

function takeContainer(containers: Map<string, MutableContainer>, record: ChartRecord): void {
  const before = containers.get(record.id);
  containers.set(record.id, {
    ...chartOf(record),
    cid: record.id,
    facts: record.facts ?? before?.facts,
    processes: before?.processes ?? new Map<number, ChartImage>(),
  });
}

function takeProcess(containers: Map<string, MutableContainer>, record: ChartRecord, end: number): void {
  const processes = containers.get(record.id)?.processes;
  if (processes === undefined || record.pid === undefined) return;
  const isToldLongAgo = record.path === 'reaped' && record.at < end - keptAfterTold;
  // One without a status made room for another of the same pid.
  const isNobodys = record.path === 'reaped' && record.context['status'] === undefined;
  if (isToldLongAgo || isNobodys) processes.delete(record.pid);
  else processes.set(record.pid, chartOf(record));
}

const chartOf = ({ path, context }: ChartRecord): ChartImage => ({ path, context });

const atOf = (record: JournalRecord): number => (record.type === 'observed' ? record.what.at : record.at);
