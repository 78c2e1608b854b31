/** What needs no container: help, errors of usage, and bad input. */
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { finish, makeCli, program } from './support.ts';

const names = [
  ...['run', 'create', 'start', 'exec', 'list', 'state', 'ps', 'events', 'wait', 'kill', 'pause', 'resume'],
  ...['delete', 'journal', 'spec', 'doctor', 'tour', 'boot', 'serve', 'completion'],
];

test('the help names every command, and every command has help with an example that is one of it', async (t) => {
  const cli = makeCli(t);
  const help = await cli.ok('--help');
  for (const name of names) t.regex(help, new RegExp(`^  ${name} +\\w`, 'm'));
  for (const name of names) {
    const own = await cli.ok(name, '--help');
    t.regex(own, new RegExp(`^Usage: runstate ${name} `), name);
    t.regex(own, new RegExp(`Examples:\\n(.*\\n)*.*runstate (--\\S+ (\\S+ )?)?${name}`), name);
    t.is(await cli.ok('help', name), own);
  }
});

test('what a command does is broken to the width of the terminal alone', async (t) => {
  const cli = makeCli(t);
  t.regex(await cli.ok('start', '--help'), /^Runs the program of a container/m);
  for (const line of (await cli.ok('run', '--help')).split('\n\n')[1]?.split('\n').slice(0, -1) ?? [])
    t.true(line.length > 60, line);
});

test('the version is told as engines read it', async (t) => {
  const cli = makeCli(t);
  t.regex(await cli.ok('--version'), /^runstate version \d+\.\d+\.\d+\nspec: \d+\.\d+\.\d+\n/);
  t.is(await cli.ok('-v'), await cli.ok('--version'));
});

test('what is mistyped is answered with what was meant', async (t) => {
  const cli = makeCli(t);
  const cases: readonly (readonly [args: string[], stderr: RegExp])[] = [
    [
      ['strat', 'c1'],
      /^runstate: unknown command 'strat'\n\(Did you mean start\?\)\n\(see 'runstate --help'\)\n$/,
    ],
    [['kill'], /^runstate: missing required argument 'id'\n\(see 'runstate kill --help'\)\n$/],
    [['list', '--formt', 'json'], /unknown option '--formt'\n\(Did you mean --format\?\)/],
    [['list', '-f', 'xml'], /Allowed choices are table, json/],
    [['kill', 'c1', 'NOSUCH'], /^runstate: "NOSUCH" is no signal\n$/],
    [['kill', '--all', '--pid', '3', 'c1'], /^runstate: --all and --pid exclude each other\n$/],
    [['wait', '--pid', 'x', 'c1'], /must be a whole number/],
    [['events', '--interval', '0s', 'c1'], /must be a duration/],
    [['--log-format', 'xml', 'list'], /Allowed choices are text, json/],
    [['--systemd-cgroup', 'list'], /--systemd-cgroup is not supported.*cgroupfs/],
    [['--root', '', 'list'], /--root must not be empty/],
    [['run', '--memory', '1m', 'c1'], /^runstate: --memory needs --rootfs; of a bundle, config.json says/],
    [['run', 'c1', '--', 'sh'], /^runstate: a command needs --rootfs/],
    [
      ['run', '--rootfs', '/', 'c1'],
      /^runstate: there is no command to run.*runstate run --rootfs \/ c1 -- sh/,
    ],
    [['run', '--rootfs', '/', '--env', 'x', 'c1', 'sh'], /must be NAME=value/],
    [['run', '--rootfs', '/', '--cpus', '-1', 'c1', 'sh'], /must be a number above 0/],
  ];
  for (const [args, stderr] of cases) {
    const result = await cli.run(args);
    t.is(result.code, 1, args.join(' '));
    t.is(result.stdout, '');
    t.regex(result.stderr, stderr);
  }
  const exec = await cli.run(['exec', 'c1']);
  t.is(exec.code, 255);
  t.regex(exec.stderr, /give either a command or --process/);
});

test('ids that cannot name a directory are refused by every command', async (t) => {
  const cli = makeCli(t);
  for (const id of ['../x', 'a/b', '.', '..', 'a b', 'x'.repeat(300), '-x', 'é']) {
    for (const command of [
      'create',
      'start',
      'state',
      'ps',
      'events',
      'wait',
      'kill',
      'pause',
      'resume',
      'delete',
    ]) {
      const result = await cli.run([command, '--', id]);
      t.is(result.code, 1, `${command} ${id}`);
      t.regex(result.stderr, /^runstate: invalid id "/, `${command} ${id}`);
    }
  }
  const empty = await cli.run(['state', '']);
  t.regex(empty.stderr, /invalid id "": it is empty/);
});

test('a container that does not exist is named, with where it was looked for', async (t) => {
  const cli = makeCli(t);
  for (const command of ['start', 'state', 'ps', 'events', 'wait', 'kill', 'pause', 'resume', 'delete']) {
    const result = await cli.run([command, 'nope']);
    t.is(result.code, 1, command);
    t.is(result.stderr, `runstate: container "nope" does not exist in ${cli.root}\n`, command);
  }
  const exec = await cli.run(['exec', 'nope', '--', 'true']);
  t.is(exec.code, 255);
  t.is(await cli.ok('delete', '--force', 'nope', 'neither'), '');
});

test('a bundle that is wrong is refused with what is wrong, and where', async (t) => {
  const cli = makeCli(t);
  const make = (name: string, config: string): string => {
    const bundle = join(cli.directory, name);
    mkdirSync(bundle);
    writeFileSync(join(bundle, 'config.json'), config);
    return bundle;
  };
  const empty = join(cli.directory, 'empty');
  mkdirSync(empty);
  const cases: readonly (readonly [bundle: string, stderr: RegExp])[] = [
    ['/nonexistent/bundle', /^runstate: bundle "\/nonexistent\/bundle": it does not exist\n$/],
    [empty, /it has no config\.json/],
    [make('text', '{"ociVersion": '), /text\/config\.json: malformed JSON/],
    [
      make('type', '{"ociVersion":"1.0.2","process":{"cwd":"/","args":["sh",5]}}'),
      /type\/config\.json: .*process\.args\[1\]/,
    ],
    [
      make('rootless', '{"ociVersion":"1.0.2","root":{"path":"gone"},"process":{"cwd":"/","args":["sh"]}}'),
      /the root file system \S+\/rootless\/gone does not exist/,
    ],
  ];
  for (const command of ['create', 'run'])
    for (const [bundle, stderr] of cases) {
      const result = await cli.run([command, '--bundle', bundle, 'c1']);
      t.is(result.code, 1, bundle);
      t.regex(result.stderr, stderr);
    }
  t.is(await cli.ok('list', '--quiet'), '');
});

test('errors go to the log file as runc writes them, and to standard error', async (t) => {
  const cli = makeCli(t);
  const log = join(cli.directory, 'log');
  const asJson = await cli.run(['--log', log, '--log-format', 'json', 'state', 'nope']);
  t.regex(asJson.stderr, /^runstate: container "nope" does not exist/);
  const line: unknown = JSON.parse(readFileSync(log, 'utf8'));
  t.like(line, { level: 'error', msg: `container "nope" does not exist in ${cli.root}` });
  await cli.run(['--log', log, 'state', 'nope']);
  t.regex(readFileSync(log, 'utf8').split('\n')[1] ?? '', /^time=\S+ level=error msg="container \\"nope\\"/);
  const unlogged = await cli.run(['--log-format', 'json', 'state', 'nope']);
  t.like(JSON.parse(unlogged.stderr), { level: 'error' });
  const debug = await cli.run(['--debug', 'state', 'nope']);
  t.regex(debug.stderr, /\n +at findSandbox/);
  const unwritable = await cli.run(['--log', '/nonexistent/log', 'state', 'nope']);
  t.is(unwritable.code, 1);
  t.regex(unwritable.stderr, /the log cannot be written.*\n.*does not exist in/);
});

test('the root comes from the environment when no flag names it', (t) => {
  const result = spawnSync(process.execPath, [program, 'state', 'x'], {
    env: { ...process.env, RUNSTATE_ROOT: '/nonexistent/root' },
    encoding: 'utf8',
  });
  t.is(result.stderr, 'runstate: container "x" does not exist in /nonexistent/root\n');
});

test('a reader that leaves early is nothing to tell of; a full disk is', async (t) => {
  const cli = makeCli(t);
  const child = cli.start(['--help']);
  child.stdout?.destroy();
  const { code, stderr } = await finish(child);
  t.is(code, 141);
  t.is(stderr, '');
  const full = openSync('/dev/full', 'w');
  const refused = await finish(cli.start(['--version'], { stdio: ['ignore', full, 'pipe'] }));
  closeSync(full);
  t.is(refused.code, 1);
  t.is(refused.stderr, 'runstate: ENOSPC: no space left on device, write\n');
});

test('spec writes a safe bundle once, and never over one that is there', async (t) => {
  const cli = makeCli(t);
  const bundle = join(cli.directory, 'b');
  mkdirSync(bundle);
  await cli.ok('spec', '--bundle', bundle, '--no-tty', '--memory', '64m', '--', 'echo', '--flag');
  const spec: unknown = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
  t.like(spec, {
    process: { args: ['echo', '--flag'], terminal: false, noNewPrivileges: true },
    root: { path: 'rootfs', readonly: true },
    linux: { resources: { memory: { limit: 64 << 20 } } },
  });
  const again = await cli.run(['spec', '--bundle', bundle]);
  t.is(again.code, 1);
  t.regex(again.stderr, /config\.json exists; remove it first/);
  const nowhere = await cli.run(['spec', '--bundle', '/nonexistent']);
  t.is(nowhere.code, 1);
  t.regex(nowhere.stderr, /^runstate: bundle "\/nonexistent": .*ENOENT/);
  const bad = await cli.run(['spec', '--bundle', '/nonexistent', '--memory', 'lots']);
  t.is(bad.code, 1);
  t.regex(bad.stderr, /lots/);
});

test('a root that others may write to, or that cannot be made, is refused', async (t) => {
  const cli = makeCli(t);
  const shared = join(cli.directory, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o777);
  const file = join(cli.directory, 'file');
  writeFileSync(file, '');
  const cases: readonly (readonly [root: string, why: RegExp])[] = [
    [shared, /shared": other users may write to it: chmod go-w/],
    [file, /file": .*EEXIST/],
    // Node's own recursive mkdir never ends here.
    ['/proc/nowhere', /^runstate: run directory "\/proc\/nowhere": .*ENOENT/],
  ];
  for (const [root, why] of cases) {
    const refused = await cli.run(['--root', root, 'run', '--rootfs', '/', 'c1', 'true']);
    t.is(refused.code, 1);
    t.regex(refused.stderr, why);
  }
});
