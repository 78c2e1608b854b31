/** Proofs, each with a table, and an exit code that is not 0 when something is violated: `npm run verify:model`. */
import { table } from '../cli/output/table.ts';
import { explore, type Exploration } from './charts/explore.ts';
import { subjects } from './charts/subjects.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const [what, ...rest] = process.argv.slice(2);
if (what !== 'model' || rest.length > 0) throw new Error('usage: npm run verify:model');

print('All that each chart can come to, with two requesters at a time\n');
const explored = Object.entries(subjects).map(([name, subject]) => [name, explore(subject)] as const);
const head = ['chart', 'snapshots', 'steps', 'refused', 'edges', 'of', 'pairs', 'violations'];
const rows = explored.map(([name, one]) => [
  ...[name, String(one.places), String(one.steps), String(one.refused), String(one.edges.size)],
  ...[String(one.known.size), String(one.pairs.size), String(one.violations.length)],
]);
print(table(head, rows).trimEnd());
for (const [name, { known, edges, violations }] of explored) {
  for (const edge of known) if (!edges.has(edge)) print(`${name}: never taken: ${edge}`);
  for (const { what: why, path } of violations) print(`${name}: ${why}\n  ${path.join('\n  ')}`);
}
const isProven = ({ known, edges, violations }: Exploration): boolean =>
  violations.length === 0 && [...known].every((edge) => edges.has(edge));
if (!explored.every(([, one]) => isProven(one))) process.exitCode = 1;
