import { versions } from 'node:process';

/** This process: its JavaScript stack, what keeps it busy or waiting, and its memory. */
export function supervisorReport(): readonly string[] {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const { user, system } = process.cpuUsage();
  return [
    `supervisor: process ${process.pid}, Node ${versions.node}, up ${process.uptime().toFixed(1)} s`,
    `  memory: ${mebibytes(rss)} resident, heap ${mebibytes(heapUsed)} of ${mebibytes(heapTotal)}, ${mebibytes(external)} outside of it`,
    `  processor: ${(user / 1e6).toFixed(2)} s user, ${(system / 1e6).toFixed(2)} s system`,
    `  waits for: ${resources()}`,
    '  JavaScript stack, of this answer:',
    ...stack().map((line) => `    ${line}`),
  ];
}

/** What the event loop is kept alive by, counted by kind (process.getActiveResourcesInfo). */
function resources(): string {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const shown = [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} × ${kind}`));
  return shown.length === 0 ? 'nothing' : shown.join(', ');
}

function stack(): readonly string[] {
  return (new Error().stack ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
}
