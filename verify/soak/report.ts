import { table } from '../../cli/output/table.ts';
import { afterWarmUp } from './judge.ts';
import type { SoakResult } from './soak.ts';

/** As many of each kind are shown. */
const most = 25;

/** The tables at the end of a soak, and what went wrong. */
export function report(result: SoakResult): string {
  const { lives, requests, refused, seconds, samples, judged, errors, left, logged } = result;
  const counts = [lives, requests, refused, errors.length, logged.length, left.length].map(String);
  const head = ['lives', 'requests', 'refused', 'errors', 'logged', 'left', 'seconds'];
  const rows = judged.map(({ name, unit, first, last, slope, limit, isOver }) => [
    unit === '' ? name : `${name}, ${unit}`,
    ...[first.toFixed(0), last.toFixed(0), slope.value.toFixed(1), slope.uncertainty.toFixed(1)],
    ...[limit === undefined ? '' : String(limit), limit === undefined ? '' : isOver ? 'too much' : 'well'],
  ]);
  const columns = ['what', 'first', 'last', 'for 1000 lives', '±', 'limit', ''];
  return [
    ...['', table(head, [[...counts, seconds.toFixed(0)]])],
    `Of ${afterWarmUp(samples).length} samples after the warm-up, taken while no sandbox was there`,
    table(columns, rows),
    ...shown('went wrong', errors),
    ...shown('was left', left),
    ...shown('the supervisor logged', logged),
  ].join('\n');
}

const shown = (title: string, lines: readonly string[]): readonly string[] => [
  ...lines.slice(0, most).map((line) => `${title}: ${line}`),
  ...(lines.length > most ? [`${title}: ${lines.length - most} more`] : []),
];
