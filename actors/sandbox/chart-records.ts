import type { ContainerRecord } from '../container/container-record.ts';
import { keptOfContainer, keptOfProcess, keptOfSandbox } from '../journal/kept-context.ts';
import type { ChartRecord } from '../journal/record.ts';
import type { ProcessPort } from '../process/process-table.ts';
import type { SandboxPort } from './sandbox-logic.ts';

/** Where the charts of a sandbox are, as its journal has it. Undefined of one that has not been started. */
export function sandboxRecord({ id, path, snapshot }: SandboxPort): ChartRecord | undefined {
  if (snapshot === undefined) return undefined;
  return {
    type: 'chart',
    at: Date.now(),
    kind: 'sandbox',
    id,
    path,
    context: keptOfSandbox(snapshot.context),
  };
}

export function containerRecord({
  cid: id,
  port,
  facts,
  registeredAt,
  isRegisteredAlone,
}: ContainerRecord): ChartRecord | undefined {
  const { path, snapshot } = port;
  if (snapshot === undefined) return undefined;
  const context = keptOfContainer(snapshot.context);
  const told = { ...facts, registeredAt: registeredAt.getTime(), isRegisteredAlone };
  return { type: 'chart', at: Date.now(), kind: 'container', id, path, context, facts: told };
}

export function processRecord(
  cid: string,
  pid: number,
  { path, snapshot }: ProcessPort,
): ChartRecord | undefined {
  if (snapshot === undefined) return undefined;
  const context = keptOfProcess(snapshot.context);
  return { type: 'chart', at: Date.now(), kind: 'process', id: cid, pid, path, context };
}

/** All of them: containers before their processes. */
export function allRecords(
  sandbox: SandboxPort,
  containers: readonly ContainerRecord[],
): readonly ChartRecord[] {
  const records = [
    sandboxRecord(sandbox),
    ...containers.flatMap((record) => [
      containerRecord(record),
      ...[...record.processes.ports].map(([pid, port]) => processRecord(record.cid, pid, port)),
    ]),
  ];
  return records.filter((one) => one !== undefined);
}
