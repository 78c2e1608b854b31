import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import type { LagHistogram } from '../../actors/watchdog/event-loop/lag.ts';
import type { AlarmKind } from '../../observation/types.ts';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Add = (name: string, help: string, labelNames: readonly string[], samples: readonly Sample[]) => void;

const kinds: readonly AlarmKind[] = ['event-loop', 'overdue', 'platform'];

/** The alarms of a sandbox: those that last, and all so far. */
export function addAlarms({ id: sandbox, alarms }: SandboxSystem, gauge: Add, counter: Add): void {
  const { current } = alarms;
  const ofEach = (of: (kind: AlarmKind) => number): readonly Sample[] =>
    kinds.map((kind) => ({ labels: { sandbox, kind }, value: of(kind) }));
  gauge(
    'runstate_alarms',
    'What the watchdog tells now, by kind.',
    ['sandbox', 'kind'],
    ofEach((kind) => current.filter((one) => one.kind === kind).length),
  );
  counter(
    'runstate_alarms_total',
    'What it has told so far.',
    ['sandbox', 'kind'],
    ofEach((kind) => alarms.count(kind)),
  );
}

export const lagName = 'runstate_supervisor_event_loop_lag_seconds';

/**
 * The text of a histogram whose counts are kept elsewhere: prom-client makes histograms of single observations only, and
 * would have to be loaded in each supervisor from its start.
 */
export function lagText({ buckets, count, sum }: LagHistogram): string {
  return [
    `# HELP ${lagName} How late the event loop came to what was due, once a second.`,
    `# TYPE ${lagName} histogram`,
    ...buckets.map(([bound, below]) => `${lagName}_bucket{le="${bound}"} ${below}`),
    `${lagName}_bucket{le="+Inf"} ${count}`,
    `${lagName}_sum ${sum}`,
    `${lagName}_count ${count}`,
    '',
  ].join('\n');
}
