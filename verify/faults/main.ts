/**
 * `npm run verify:faults [-- PATTERN]`: a sandbox's life, once for each thing that may go wrong in it, or for those whose
 * names have the pattern in them.
 */
import { existsSync } from 'node:fs';
import { table } from '../../cli/output/table.ts';
import { builtRootfs } from '../../cli/rootfs.ts';
import { allDisturbances } from './all.ts';
import { live, type Outcome } from './campaign.ts';

/** Lives at a time. */
const atOnce = 2;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const [pattern = '', ...rest] = process.argv.slice(2);
if (rest.length > 0) throw new Error('usage: npm run verify:faults [-- PATTERN]');
if (process.getuid?.() !== 0 || !existsSync(builtRootfs))
  throw new Error('this needs root, and a root file system (npm run setup)');

const disturbances = (await allDisturbances(builtRootfs)).filter(({ name }) => name.includes(pattern));
print(`${disturbances.length} things go wrong, each in a life of its own\n`);

const outcomes: Outcome[] = [];
const waiting = [...disturbances];
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const outcome = await live(builtRootfs, next);
      outcomes.push(outcome);
      if (outcome.violation !== undefined)
        print(`${next.name} (${outcome.step ?? 'at no step'}): ${outcome.violation}`);
    }
  }),
);

const kinds = [...new Set(outcomes.map(({ disturbance }) => disturbance.kind))];
const rows = kinds.map((kind) => {
  const of = outcomes.filter(({ disturbance }) => disturbance.kind === kind);
  const times = of.flatMap(({ answered }) => answered ?? []).sort((a, b) => a - b);
  const [median, longest] = [times[Math.floor(times.length / 2)], times.at(-1)];
  const shown = (time: number | undefined): string => (time === undefined ? '' : String(Math.round(time)));
  const violations = of.filter(({ violation }) => violation !== undefined).length;
  return [kind, String(of.length), shown(median), shown(longest), String(violations)];
});
print(table(['what goes wrong', 'times', 'answers after, ms', 'at most', 'violations'], rows).trimEnd());
if (outcomes.some(({ violation }) => violation !== undefined)) process.exitCode = 1;
