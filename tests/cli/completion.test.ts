import { spawnSync } from 'node:child_process';
import test from 'ava';
import { buildProgram } from '../../cli/program.ts';
import { modelOf } from '../../cli/completion/model.ts';
import { makeCli, program } from './support.ts';

/** What bash offers for a line, the cursor at its end. */
function offered(script: string, line: string): readonly string[] {
  const words = line.split(' ');
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const { stdout, stderr } = spawnSync(
    'bash',
    [
      '--norc',
      '-c',
      `runstate() { '${process.execPath}' '${program}' "$@"; }\n${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _runstate; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
    { encoding: 'utf8' },
  );
  if (stderr !== '') throw new Error(stderr);
  return stdout.split('\n').filter((one) => one !== '');
}

test('bash completes commands, flags and their values', async (t) => {
  const cli = makeCli(t);
  const script = await cli.ok('completion', 'bash');
  t.deepEqual(offered(script, 'runstate re'), ['resume', 'restore']);
  t.deepEqual(offered(script, 'runstate --root /x st'), ['start', 'state', 'statefile']);
  t.deepEqual(offered(script, 'runstate list --f'), ['--format']);
  t.deepEqual(offered(script, 'runstate list --format '), ['table', 'json']);
  t.deepEqual(offered(script, 'runstate --log-format j'), ['json']);
  t.deepEqual(offered(script, 'runstate completion '), ['bash', 'zsh', 'fish']);
  t.true(offered(script, 'runstate run --bundle /us').includes('/usr'));
  t.true(offered(script, 'runstate --').includes('--root'));
});

test('every shell gets every command and every flag that the help shows', async (t) => {
  const cli = makeCli(t);
  const all = await buildProgram('all');
  const { commands, flags } = modelOf(all);
  for (const shell of ['bash', 'zsh', 'fish']) {
    const script = await cli.ok('completion', shell);
    for (const { name, flags: own } of commands) {
      t.true(script.includes(name), `${shell}: ${name}`);
      for (const { long } of [...own, ...flags])
        t.true(script.includes(shell === 'fish' ? `-l ${long.slice(2)}` : long), `${shell}: ${name} ${long}`);
    }
    const found = spawnSync(shell, ['-c', 'true']).error === undefined;
    if (!found) t.log(`${shell} is not there: its script is not parsed`);
    else t.is(spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' }).stderr, '', shell);
  }
});
