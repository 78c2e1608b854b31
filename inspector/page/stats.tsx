import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { readStats } from './api.ts';
import { containerOf } from './container-of.ts';
import { NotLive } from './events.tsx';
import { useModel } from './use-model.ts';
import { usePoll } from './use-poll.ts';

/** Ms between two looks, and how many are shown. */
const interval = 1000;
const most = 120;

interface Sample {
  /** Of one processor, in percent. */
  readonly cpu: number;
  /** In MiB. */
  readonly memory: number;
  readonly pids: number;
}

/** What the chosen container uses, as small plots of the last two minutes. */
export function StatsPanel(): VNode {
  const model = useModel();
  const cid = containerOf(model.chosen);
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const before = useRef<{ readonly at: number; readonly cpu: number }>();
  const trouble = usePoll(interval, `${model.sandbox} ${cid}`, async (isAgain) => {
    const { cpu, memory, pids } = await readStats(model.sandbox, cid);
    const now = { at: performance.now(), cpu: cpu.usage.total };
    const last = isAgain ? before.current : undefined;
    before.current = now;
    // Nanoseconds in milliseconds.
    const share = last === undefined ? 0 : (now.cpu - last.cpu) / (now.at - last.at) / 1e4;
    const sample = { cpu: share, memory: (memory.usage.usage ?? 0) / (1 << 20), pids: pids.current ?? 0 };
    setSamples((all) => [...(isAgain ? all.slice(1 - most) : []), sample]);
  });
  if (!model.isLive) return <NotLive />;
  if (trouble !== '') return <p class="empty">{trouble}</p>;
  return (
    <div class="plots">
      <Plot name="processor" unit="%" values={samples.map(({ cpu }) => cpu)} />
      <Plot name="memory" unit=" MiB" values={samples.map(({ memory }) => memory)} />
      <Plot name="processes and threads" unit="" values={samples.map(({ pids }) => pids)} />
    </div>
  );
}

interface PlotProps {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
}

function Plot({ name, unit, values }: PlotProps): VNode {
  const [width, height] = [240, 48];
  const top = Math.max(1, ...values) * 1.1;
  const points = values
    .map((value, index) => `${(index * width) / (most - 1)},${height - (value / top) * (height - 2)}`)
    .join(' ');
  const last = values.at(-1);
  const digits = unit === '' || (last ?? 0) >= 10 ? 0 : 1;
  const text = last === undefined ? '…' : `${last.toFixed(digits)}${unit}`;
  return (
    <figure>
      <figcaption>
        {name} <strong>{text}</strong>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${name}: ${text}`}>
        <polyline points={points} />
      </svg>
    </figure>
  );
}
