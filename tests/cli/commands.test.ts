/** Each command on a real container. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { eventually, finish, makeCli, real, rootfs, unique, type Cli } from './support.ts';

const m1 = unique('m1');

const sleeper = (cli: Cli, id = m1, ...flags: readonly string[]): Promise<string> =>
  cli.ok('run', '-d', ...flags, '--rootfs', rootfs, id, '--', 'sleep', '100');

real('create, start, state and delete: a life in steps', async (t) => {
  const cli = makeCli(t);
  const bundle = cli.bundle('b', ['sleep', '100']);
  const pidFile = join(cli.directory, 'pid');
  await cli.ok('create', '--bundle', bundle, '--pid-file', pidFile, m1);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  t.like(JSON.parse(await cli.ok('state', m1)), {
    ociVersion: '1.0.2',
    id: m1,
    status: 'created',
    pid,
    bundle,
    sandbox: m1,
    chart: 'created',
    annotations: {},
  });
  await cli.ok('start', m1);
  t.like(JSON.parse(await cli.ok('state', m1)), { status: 'running', pid });
  const again = await cli.run(['start', m1]);
  t.is(again.code, 1);
  t.regex(again.stderr, new RegExp(`cannot start container "${m1}" in state running`));
  const running = await cli.run(['delete', m1]);
  t.is(running.code, 1);
  t.regex(
    running.stderr,
    new RegExp(`cannot delete container "${m1}" in state running: .*runstate delete --force ${m1}`),
  );
  await cli.ok('kill', m1, 'KILL');
  t.is(await cli.ok('wait', m1), `{"id":"${m1}","exitStatus":137}\n`);
  t.like(JSON.parse(await cli.ok('state', m1)), { status: 'stopped', pid: 0, exitStatus: 137 });
  t.is(await cli.ok('wait', m1), `{"id":"${m1}","exitStatus":137}\n`);
  const stopped = await cli.run(['kill', m1]);
  t.is(stopped.code, 1);
  t.regex(stopped.stderr, /in state stopped: container not running\n$/);
  await cli.ok('delete', m1);
  const gone = await cli.run(['state', m1]);
  t.regex(gone.stderr, /does not exist/);
});

real('one that was never started is deleted without force, and cannot be waited for', async (t) => {
  const cli = makeCli(t);
  await cli.ok('create', '--bundle', cli.bundle('b', ['true']), m1);
  const waited = await cli.run(['wait', m1]);
  t.is(waited.code, 1);
  t.is(waited.stderr, `runstate: container "${m1}" not started\n`);
  await cli.ok('delete', m1);
  t.is(await cli.ok('list', '-q'), '');
});

real('exec ends with the exit code of the command', async (t) => {
  const cli = makeCli(t);
  await sleeper(cli);
  const cases: readonly (readonly [command: string[], code: number])[] = [
    [['true'], 0],
    [['sh', '-c', 'exit 7'], 7],
    [['sh', '-c', 'kill -TERM $$'], 143],
    [['/no/such/program'], 127],
    [['no-such-program'], 127],
    [['/etc/passwd'], 126],
  ];
  for (const [command, code] of cases) {
    const result = await cli.run(['exec', m1, '--', ...command]);
    t.is(result.code, code, `${command.join(' ')}: ${result.stderr}`);
    if (code === 126 || code === 127) t.regex(result.stderr, /^runstate: Failed to load \S+: .+\n$/m);
  }
  const echoed = await cli.run(['exec', m1, 'sh', '-c', 'cat; echo err >&2'], { input: 'in\n' });
  t.deepEqual(echoed, { code: 0, stdout: 'in\n', stderr: 'err\n' });
});

real('exec takes what the container has, and what the flags say', async (t) => {
  const cli = makeCli(t);
  await sleeper(cli, m1, '--env', 'KEPT=yes', '--env', 'CHANGED=before', '--cwd', '/tmp');
  const flags = ['--env', 'CHANGED=after', '-u', '1000:1001', '-g', '7'];
  const script = 'echo $KEPT $CHANGED; pwd; id -u; id -g; id -G; grep -E "CapEff|NoNew" /proc/self/status';
  t.is(
    await cli.ok('exec', ...flags, m1, '--', 'sh', '-c', script),
    'yes after\n/tmp\n1000\n1001\n1001 7\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n',
  );
  t.is(
    await cli.ok('exec', '--cwd', '/', '--user', 'nobody', m1, '--', 'sh', '-c', 'pwd; id -un'),
    '/\nnobody\n',
  );
  const eff = await cli.ok('exec', '--cap', 'NET_ADMIN', m1, '--', 'grep', 'CapEff', '/proc/self/status');
  t.true((BigInt(`0x${eff.trim().split('\t')[1] ?? ''}`) & (1n << 12n)) !== 0n, eff);
  const bad = await cli.run(['exec', '--cap', 'NO_SUCH', m1, '--', 'true']);
  t.regex(bad.stderr, /--cap "NO_SUCH": there is no such capability/);
  t.is(bad.code, 255);
  const process = join(cli.directory, 'process.json');
  writeFileSync(
    process,
    JSON.stringify({ args: ['sh', '-c', 'echo $ONLY; exit 4'], env: ['ONLY=this', 'PATH=/bin'], cwd: '/' }),
  );
  const { code, stdout } = await cli.run(['exec', '--process', process, m1]);
  t.deepEqual({ code, stdout }, { code: 4, stdout: 'this\n' });
  writeFileSync(process, '{"args":"sh","cwd":"/"}');
  const malformed = await cli.run(['exec', '--process', process, m1]);
  t.regex(malformed.stderr, /process\.json: args/);
});

real('exec in the background, waited for by its id', async (t) => {
  const cli = makeCli(t);
  await sleeper(cli);
  const pidFile = join(cli.directory, 'pid');
  await cli.ok('exec', '-d', '--pid-file', pidFile, m1, '--', 'sh', '-c', 'sleep 4; exit 9');
  t.true(existsSync(`/proc/${readFileSync(pidFile, 'utf8')}`));
  // Just after its start it may still be what the runtime prepares it by.
  const line = await eventually(async () => {
    const [heading = '', ...rows] = (await cli.ok('ps', m1)).split('\n');
    t.regex(heading, /^UID +PID +PPID +C +STIME +TIME +CMD$/);
    return rows.find((row) => row.endsWith(' sh'));
  }, 'the shell in the list');
  const pid = line.trim().split(/ +/)[1] ?? '';
  t.is(await cli.ok('wait', '--pid', pid, m1), `{"id":"${m1}","pid":${pid},"exitStatus":9}\n`);
  // Its pid 1, and the program that this has started.
  const pids = JSON.parse(await cli.ok('ps', '-f', 'json', m1)) as number[];
  t.is(pids[0], 1);
  t.is(pids.length, 2);
});

real('pause stops everything, resume lets it go on', async (t) => {
  const cli = makeCli(t);
  await cli.ok(
    'run',
    '-d',
    '--rootfs',
    rootfs,
    m1,
    '--',
    'sh',
    '-c',
    'i=0; while :; do i=$((i+1)); echo $i > /tmp/new; mv /tmp/new /tmp/count; done',
  );
  const count = async (): Promise<number> => Number(await cli.ok('exec', m1, '--', 'cat', '/tmp/count'));
  await eventually(async () => ((await count()) > 0 ? true : undefined), 'it counts');
  await cli.ok('pause', m1);
  t.like(JSON.parse(await cli.ok('state', m1)), { status: 'paused' });
  const refused = await cli.run(['exec', m1, '--', 'true']);
  t.is(refused.code, 255);
  t.regex(refused.stderr, /in state paused/);
  const usage = async (): Promise<unknown> => {
    const reading: unknown = JSON.parse(await cli.ok('events', '--stats', m1));
    return (reading as { data: { cpu: { usage: { total: number } } } }).data.cpu.usage.total;
  };
  const before = await usage();
  await after(100);
  t.is(await usage(), before);
  await cli.ok('resume', m1);
  const now = await count();
  await eventually(async () => ((await count()) > now ? true : undefined), 'it counts again');
});

real('pause of a sandbox freezes all its containers, of another container it alone', async (t) => {
  const cli = makeCli(t);
  await sleeper(cli, 'mpod');
  await sleeper(cli, 'mside', '--sandbox', 'mpod');
  const states = async (): Promise<readonly string[]> =>
    Promise.all(
      ['mpod', 'mside'].map(
        async (id) => (JSON.parse(await cli.ok('state', id)) as { status: string }).status,
      ),
    );
  await cli.ok('pause', 'mside');
  t.deepEqual(await states(), ['running', 'paused']);
  await cli.ok('resume', 'mside');
  await cli.ok('pause', 'mpod');
  t.deepEqual(await states(), ['paused', 'paused']);
  await cli.ok('resume', 'mpod');
  t.deepEqual(await states(), ['running', 'running']);
});

real('kill reaches one process or all', async (t) => {
  const cli = makeCli(t);
  await cli.ok(
    'run',
    '-d',
    '--rootfs',
    rootfs,
    m1,
    '--',
    'sh',
    '-c',
    'trap "exit 3" USR1; sleep 100 & while :; do wait; done',
  );
  const child = await eventually(async () => {
    const line = (await cli.ok('ps', m1)).split('\n').find((one) => one.includes('sleep'));
    return line?.trim().split(/ +/)[1];
  }, 'the child');
  await cli.ok('kill', '--pid', child, m1, 'KILL');
  await eventually(async () => ((await cli.ok('ps', m1)).includes('sleep') ? undefined : true), 'its end');
  await cli.ok('kill', m1, '0');
  await cli.ok('kill', '--all', m1, 'SIGUSR1');
  t.is(await cli.ok('wait', m1), `{"id":"${m1}","exitStatus":3}\n`);
});

real('events are lines of JSON, and end with the container', async (t) => {
  const cli = makeCli(t);
  await sleeper(cli, m1, '--memory', '64m');
  const once: unknown = JSON.parse(await cli.ok('events', '--stats', m1));
  t.like(once, {
    type: 'stats',
    id: m1,
    data: { memory: { usage: { limit: 64 << 20 } }, pids: { current: 2 } },
  });
  const child = cli.start(['events', '--interval', '200ms', m1]);
  const ended = finish(child);
  await after(1000);
  await cli.ok('kill', m1, 'KILL');
  const { code, stdout, stderr } = await ended;
  t.is(code, 0, stderr);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  t.true(lines.length >= 2 && lines.every(({ type }) => type === 'stats'), stdout);
});

real('a kill for want of memory is an event', async (t) => {
  const cli = makeCli(t);
  await sleeper(cli, m1, '--memory', '24m');
  const child = cli.start(['events', '--interval', '60s', m1]);
  const ended = finish(child);
  await after(400);
  const eater = await cli.run(['exec', m1, '--', 'sh', '-c', 'x=x; while :; do x=$x$x; done']);
  t.is(eater.code, 137, eater.stderr);
  await eventually(
    async () =>
      (JSON.parse(await cli.ok('state', m1)) as { oomKills: number }).oomKills > 0 ? true : undefined,
    'an oom kill',
  );
  await cli.ok('kill', m1, 'KILL');
  const { stdout } = await ended;
  t.regex(stdout, new RegExp(`^\\{"type":"oom","id":"${m1}"\\}$`, 'm'));
});

real('one broken entry does not break the list', async (t) => {
  const cli = makeCli(t);
  await sleeper(cli);
  const { mkdirSync, rmSync } = await import('node:fs');
  const broken = join(cli.root, 'sandboxes/broken');
  mkdirSync(broken);
  writeFileSync(join(broken, 'supervisor.json'), '{"pid": "x"');
  const { code, stdout, stderr } = await cli.run(['list']);
  t.is(code, 0);
  const [heading, ...rows] = stdout.trimEnd().split('\n');
  t.regex(heading ?? '', /^ID +PID +STATUS +SANDBOX +BUNDLE +CREATED +OWNER$/);
  t.is(rows.length, 2);
  t.regex(rows[0] ?? '', /^broken +0 +unknown +broken/);
  t.regex(rows[1] ?? '', new RegExp(`^${m1} +\\d+ +running +${m1} +/.* +20\\d\\d-\\S+Z +root$`));
  t.regex(stderr, /^runstate: broken: .*has died/);
  t.is(await cli.ok('list', '-q'), `broken\n${m1}\n`);
  const listed = JSON.parse(await cli.ok('list', '-f', 'json')) as { status: string }[];
  t.deepEqual(
    listed.map(({ status }) => status),
    ['unknown', 'running'],
  );
  await cli.ok('delete', '--force', 'broken');
  t.is(await cli.ok('list', '-q'), `${m1}\n`);
  rmSync(broken, { recursive: true, force: true });
});

real('doctor finds this machine able', async (t) => {
  const cli = makeCli(t);
  t.regex(await cli.ok('doctor'), /runc[\s\S]*Containers can run here\.\n$/);
  const report: unknown = JSON.parse(await cli.ok('doctor', '--json'));
  t.like(report, { platform: 'linux' });
  const without = await cli.run(['--runtime', '/no/such/runc', 'doctor']);
  t.is(without.code, 1);
  t.regex(without.stdout, /MISSING[\s\S]*To mend it:[\s\S]*cannot run here yet/);
});
