// Plants a defect of each class into a copy of what was compiled, and shows that it is found: `npm run verify:planted`. Ends
// with 1 when one is not. Nothing of the project itself is changed, so there is nothing to revert.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** In ms: what takes longer hangs. */
const timeout = 300_000;

const faults = (pattern) => ['dist/verify/faults/main.js', pattern];

const defects = [
  {
    what: 'a dropped event: nobody is told that a container has ended',
    file: 'actors/sandbox/sandbox-system.js',
    from: "record.port.tell({ type: 'exited', status });",
    to: '{ }',
    by: 'verify:faults',
    run: faults('kill@reply#1'),
    found: /Wait.* not done after/,
  },
  {
    what: 'a skipped journal write: that a process was exec’d',
    file: 'actors/journal/keeper.js',
    from: 'const key = keyOf(record);',
    to: "if (record.kind === 'process') return; const key = keyOf(record);",
    by: 'verify:faults',
    run: faults('kill@runtime.create#2'),
    found: /should be .*"execs":\[\d+\]/,
  },
  {
    what: 'a leaked descriptor: of the program of a container that is destroyed',
    file: 'platforms/linux/container/linux-container.js',
    from: 'this.program?.close();',
    to: '',
    by: 'npm test',
    run: ['node_modules/ava/entrypoints/cli.mjs', 'dist/tests/platforms/linux/life.test.js'],
    found: /descriptor/,
  },
  {
    what: 'a wrong refusal: a container that runs cannot be paused',
    file: 'actors/operations/pause-container.js',
    from: "port.refusal({ type: verb, id: '' })",
    to: "port.refusal({ type: 'resume', id: '' })",
    by: 'verify:model',
    run: ['dist/verify/main.js', 'model', '1'],
    found: /pause .*: cannot resume container/,
  },
  {
    what: 'a rollback that is left out: a container that was being made stays',
    file: 'actors/recovery/plan.js',
    from: "    'creating',\n",
    to: '',
    by: 'verify:faults',
    run: faults('kill@create.bundled#2'),
    found: /container sub is .*"state":"stopped".* should be not there/,
  },
];

let missed = 0;
for (const defect of defects) {
  const { status, output } = tryOn(defect);
  const line = output.split('\n').find((one) => defect.found.test(one));
  const isFound = status !== 0 && line !== undefined;
  if (!isFound) missed += 1;
  console.log(`${isFound ? 'found' : 'MISSED'}  ${defect.what}`);
  console.log(`       by ${defect.by}: ${(line ?? `it ended with ${status}`).trim().slice(0, 200)}`);
  if (!isFound) console.log(output.slice(-2000));
}
console.log(`${defects.length - missed} of ${defects.length} planted defects were found`);
process.exitCode = missed === 0 ? 0 : 1;

function tryOn({ file, from, to, run }) {
  const copy = mkdtempSync(join(tmpdir(), 'runstate-planted-'));
  try {
    for (const name of ['dist', 'bin', 'package.json', 'docs', 'ARCHITECTURE.md'])
      cpSync(join(root, name), join(copy, name), { recursive: true, preserveTimestamps: true });
    // What is bundled would be run in place of what is planted.
    rmSync(join(copy, 'dist/bundle'), { recursive: true, force: true });
    for (const name of ['node_modules', 'build']) symlinkSync(join(root, name), join(copy, name));
    const path = join(copy, 'dist', file);
    const text = readFileSync(path, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${file} does not have ${from} once`);
    writeFileSync(path, text.replace(from, to));
    const { status, stdout, stderr } = spawnSync(process.execPath, run, {
      cwd: copy,
      encoding: 'utf8',
      timeout,
    });
    return { status, output: `${stdout}\n${stderr}` };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
