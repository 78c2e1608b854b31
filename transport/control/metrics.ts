import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { runInNewContext } from 'node:vm';
import type { Call } from '../../actors/call.ts';
import { readAllStats } from '../../actors/operations/inspect-container.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import type { Watchdog } from '../../actors/watchdog/index.ts';
import { RunstateError, messageOf } from '../../errors/index.ts';
import type { ServerView } from './server-view.ts';
import { addAlarms, lagName, lagText } from './watchdog-metrics.ts';

/**
 * A sandbox's metrics as of now, in Prometheus' text format: states, counters of containers, calls, and the
 * supervisor's own process. @param only a regular expression that names must match; "" is all
 * @throws RunstateError INVALID_ARGUMENT when it is none
 */
export async function metricsText(
  system: SandboxSystem,
  { view, watchdog }: { readonly view: ServerView; readonly watchdog?: Watchdog | undefined },
  only: string,
  call: Call,
): Promise<string> {
  const pattern = patternOf(only);
  // Loaded when it is needed: most sandboxes are never asked.
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  const isWanted = (name: string): boolean => pattern === undefined || matches(pattern, name);
  const add =
    (Kind: typeof Gauge | typeof Counter) =>
    (name: string, help: string, labelNames: readonly string[], samples: readonly Sample[]): void => {
      if (!isWanted(name)) return;
      const one = new Kind({ name, help, labelNames, registers: [registry] });
      for (const { labels = {}, value } of samples) one.inc(labels, Number(value));
    };
  const gauge = add(Gauge);
  /** Of something that only grows. */
  const counter = add(Counter);
  const sandbox = system.id;
  gauge(
    'runstate_sandbox_state',
    'The state of the sandbox: 1.',
    ['sandbox', 'state'],
    [{ labels: { sandbox, state: system.port.state }, value: 1 }],
  );
  gauge(
    'runstate_sandbox_state_seconds',
    'How long it has been in it.',
    ['sandbox'],
    [{ labels: { sandbox }, value: (Date.now() - system.port.since) / 1000 }],
  );
  gauge(
    'runstate_container_state',
    'The state of each container: 1.',
    ['sandbox', 'container', 'state'],
    system.containers.map(({ cid, port }) => ({
      labels: { sandbox, container: cid, state: port.state },
      value: 1,
    })),
  );
  addAlarms(system, gauge, counter);
  // What does not answer would keep the alarm from being told.
  const isSilent = system.alarms.current.some(({ kind }) => kind === 'platform');
  const stats = isSilent ? [] : [...(await readAllStats(system, call))];
  gauge(
    'runstate_container_counters_missing',
    "1 while the containers' counters are left out, as the platform does not answer.",
    ['sandbox'],
    [{ labels: { sandbox }, value: isSilent ? 1 : 0 }],
  );
  const ofEach = (
    metric: typeof gauge,
    name: string,
    help: string,
    of: (one: (typeof stats)[number][1]) => number | bigint,
  ): void =>
    metric(
      name,
      help,
      ['sandbox', 'container'],
      stats.map(([container, one]) => ({ labels: { sandbox, container }, value: of(one) })),
    );
  ofEach(
    counter,
    'runstate_container_cpu_seconds_total',
    'Processor time used.',
    ({ cpu }) => Number(cpu.usage) / 1e9,
  );
  ofEach(gauge, 'runstate_container_memory_bytes', 'Memory used.', ({ memory }) => memory.usage);
  ofEach(
    counter,
    'runstate_container_oom_kills_total',
    'Kills for want of memory.',
    ({ memory }) => memory.oomKills,
  );
  ofEach(gauge, 'runstate_container_processes', 'Processes and threads.', ({ pids }) => pids.current);
  const methods = [...view.statistics.methods];
  counter(
    'runstate_calls_total',
    'Calls of each method that have ended.',
    ['sandbox', 'method', 'outcome'],
    methods.flatMap(([method, { succeeded, failed }]) => [
      { labels: { sandbox, method, outcome: 'succeeded' }, value: succeeded },
      { labels: { sandbox, method, outcome: 'failed' }, value: failed },
    ]),
  );
  counter(
    'runstate_call_seconds_total',
    'How long they took together.',
    ['sandbox', 'method'],
    methods.map(([method, { duration }]) => ({ labels: { sandbox, method }, value: duration / 1000 })),
  );
  gauge(
    'runstate_calls_pending',
    'Calls under way.',
    ['sandbox'],
    [{ labels: { sandbox }, value: view.calls.length }],
  );
  gauge('runstate_connections', 'Clients.', ['sandbox'], [{ labels: { sandbox }, value: view.connections }]);
  gauge('runstate_supervisor_uptime_seconds', 'Of the process.', [], [{ value: process.uptime() }]);
  gauge('runstate_supervisor_memory_bytes', 'Resident.', [], [{ value: process.memoryUsage.rss() }]);
  gauge(
    'runstate_supervisor_cpu_seconds',
    'Processor time used.',
    [],
    [{ value: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6 }],
  );
  gauge(
    'runstate_supervisor_event_loop_delay_seconds',
    'The longest since the last export.',
    [],
    [{ value: longestDelay() }],
  );
  const text = await registry.metrics();
  const lag = isWanted(lagName) ? watchdog?.lag : undefined;
  return lag === undefined ? text : `${text}\n${lagText(lag)}`;
}

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number | bigint;
}

function patternOf(only: string): RegExp | undefined {
  if (only === '') return undefined;
  try {
    return new RegExp(only);
  } catch (error) {
    throw new RunstateError(
      'INVALID_ARGUMENT',
      { what: `only_metrics: ${messageOf(error)}` },
      { cause: error },
    );
  }
}

/** In ms: a pattern can be written so that it looks for ever (the original's engine, RE2, cannot). */
const patternTime = 250;

/** @throws RunstateError INVALID_ARGUMENT for a pattern that takes too long: everything else stands still meanwhile */
function matches(pattern: RegExp, name: string): boolean {
  try {
    const found: unknown = runInNewContext('pattern.test(name)', { pattern, name }, { timeout: patternTime });
    return found === true;
  } catch (cause) {
    const what = `only_metrics: ${String(pattern)} takes longer than ${patternTime} ms`;
    throw new RunstateError('INVALID_ARGUMENT', { what }, { cause });
  }
}

let delays: IntervalHistogram | undefined;

/** In seconds; 0 at the first call, from which on it is measured. */
function longestDelay(): number {
  if (delays === undefined) {
    delays = monitorEventLoopDelay({ resolution: 20 });
    delays.enable();
    return 0;
  }
  const longest = delays.max / 1e9;
  delays.reset();
  return longest;
}
