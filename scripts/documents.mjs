// Writes the generated parts of README.md and docs/, and the drawn charts: node scripts/documents.mjs [--check]. The tables of what was seen to
// work come from the last run of the tests (build/evidence). With --check nothing is written, and what differs is told.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, getFileInfo, resolveConfig } from 'prettier';
import { drawCharts } from '../dist/diagrams/chart/index.js';
import { protocolText } from './documents/protocol.mjs';
import { readEvidence } from './documents/evidence.mjs';
import { clientsTable, methodsTable } from './documents/tables.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const check = process.argv.includes('--check');

const evidence = readEvidence(join(root, 'build', 'evidence'), { existsSync, readdirSync, readFileSync });
if (evidence.length === 0) {
  console.error('documents: no test has run yet that tells what works: first npm test');
  process.exit(1);
}

const parts = [
  ['docs/control-protocol.md', 'generated', await protocolText(root)],
  ['README.md', 'what works', `${await methodsTable(evidence)}\n\n${clientsTable(evidence)}`],
];

let differs = false;
for (const [name, text] of Object.entries(await drawCharts())) {
  const path = join(root, 'diagrams', name);
  settle(`diagrams/${name}`, path, existsSync(path) ? readFileSync(path, 'utf8') : '', text);
}
for (const [file, name, text] of parts) {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  const after = await formatted(path, between(before, name, text));
  settle(file, path, before, after);
}
if (differs) process.exit(1);

function settle(file, path, before, after) {
  if (after === before) return;
  if (check) {
    console.error(
      `documents: ${file} is not as it would be made; run npm run documents, and look at the difference`,
    );
    console.error(firstDifference(before, after));
    differs = true;
  } else {
    writeFileSync(path, after);
    console.log(`documents: ${file} written`);
  }
}

/** As `npm run format` would leave it. */
async function formatted(path, text) {
  const { ignored } = await getFileInfo(path, { ignorePath: join(root, '.prettierignore') });
  return ignored ? text : await format(text, { ...(await resolveConfig(path)), filepath: path });
}

function between(text, name, replacement) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there are no lines ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${replacement}\n\n${text.slice(to)}`;
}

function firstDifference(before, after) {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const index = a.findIndex((line, at) => line !== b[at]);
  return `  line ${index + 1}: ${a[index] ?? '(end)'}\n  would be: ${b[index] ?? '(end)'}`;
}
