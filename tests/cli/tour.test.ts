/** The guided life of a sandbox, as `npm start` shows it. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { finish, program, real, type Result } from './support.ts';

const tour = (...args: readonly string[]): Promise<Result> =>
  finish(spawn(process.execPath, [program, 'tour', ...args], { stdio: 'pipe' }));

const toursIn = (directory: string): readonly string[] =>
  readdirSync(directory).filter((name) => name.startsWith('runstate-tour-'));

real('the tour shows every step, checks each, and ends with what to try next', async (t) => {
  const before = toursIn(tmpdir());
  const { code, stdout, stderr } = await tour();
  t.is(code, 0, `${stdout}\n${stderr}`);
  t.is(stderr, '');
  const text = Buffer.from(stdout, 'latin1').toString();
  // Where it is no terminal there are no colours.
  t.false(text.includes('\x1b'));
  const titles = [...text.matchAll(/^(\d+)\. (.*)$/gm)].map(([, number, title]) => `${number} ${title}`);
  t.is(titles.length, 10);
  for (const [index, about] of [
    'Boot',
    'Create the root container',
    'Start',
    'sub-container',
    'Execute',
    'processes and counters',
    'Pause .* resume',
    'Signal .* wait .* how it ended',
    'Kill',
    'Destroy',
  ].entries())
    t.regex(titles[index] ?? '', new RegExp(`^${index + 1} .*${about}`));
  // Every chapter has a check that was true, and none was not.
  for (const chapter of text.split(/^\d+\. /m).slice(1)) t.regex(chapter, /^ *\d+ ms {2}✓ /m);
  t.false(text.includes('✗'));
  const checks = text.match(/^ *\d+ ms {2}✓ /gm)?.length;
  t.regex(text, new RegExp(`All ${checks} checks were true`));
  // Requests, replies with their times, and transitions are told as they happen.
  for (const method of ['StartRoot', 'Create', 'Start', 'ExecuteAsync', 'WaitPID', 'Processes', 'Event'])
    t.regex(
      text,
      new RegExp(`→ containerManager\\.${method}.*[^]*← containerManager\\.${method} .* [\\d.]+ ms`),
    );
  for (const method of ['Pause', 'Resume', 'Signal', 'Wait', 'Destroy'])
    t.regex(
      text,
      new RegExp(`→ containerManager\\.${method}.*[^]*← containerManager\\.${method} .* [\\d.]+ ms`),
    );
  t.regex(text, /sandbox tour +running → pausing[^]*sandbox tour +pausing → paused/);
  t.regex(text, /container worker +running → stopped/);
  t.regex(text, /exited with code 7/);
  t.regex(text, /npx runstate --help/);
  // At the same time another tour may be under way: ours is gone.
  const [, directory] = /it listens at .*\/(runstate-tour-\w+)\//.exec(text) ?? [];
  t.false(toursIn(tmpdir()).includes(directory ?? ''));
  t.false(before.includes(directory ?? ''));
});

real('a tour that cannot go on says why, and what to do, and does not end with 0', async (t) => {
  const { code, stdout } = await tour('--rootfs', '/no/such/file/system');
  t.is(code, 1);
  t.regex(stdout, /The tour ended here: .*\/no\/such\/file\/system[^]*runstate doctor/);
});
