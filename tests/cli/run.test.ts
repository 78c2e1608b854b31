/** run: attached and detached, exit codes, streams, signals; and what it leaves, which is nothing. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { files } from '../../native/index.ts';
import { eventually, finish, makeCli, programsOf, real, rootfs, unique, type Cli } from './support.ts';

const c1 = unique('c1');
const c2 = unique('c2');
const c3 = unique('c3');
const pod = unique('pod');

/** Nothing of a sandbox is left in the root: no directory, socket, index entry or process. */
function leftIn(cli: Cli): readonly string[] {
  const left = existsSync(cli.root)
    ? readdirSync(cli.root, { recursive: true, encoding: 'utf8' }).filter(
        (name) => !/^(sandboxes|containers)$/.test(name),
      )
    : [];
  return [...left, ...programsOf(cli.root).map((pid) => `process ${pid}`)];
}

const nothingLeft = (cli: Cli): Promise<true> =>
  eventually(() => (leftIn(cli).length === 0 ? true : undefined), `left: ${leftIn(cli).join(', ')}`);

real('run ends with the exit code of the command, and nothing is left of it', async (t) => {
  const cli = makeCli(t);
  const cases: readonly (readonly [command: string[], code: number])[] = [
    [['true'], 0],
    [['sh', '-c', 'exit 7'], 7],
    [['kill'], 143],
    [['/no/such/program'], 127],
    [['/etc/passwd'], 126],
  ];
  for (const [command, code] of cases) {
    // A process with id 1 is not ended by a signal that it does not handle: a shell between them is.
    const args = code === 143 ? ['sh', '-c', 'sh -c "kill -TERM \\$\\$"; exit $?'] : command;
    const result = await cli.run(['run', '--rootfs', rootfs, c1, '--', ...args]);
    t.is(result.code, code, `${args.join(' ')}: ${result.stderr}`);
    if (code < 126) t.is(result.stderr, '');
    if (code === 126 || code === 127) t.regex(result.stderr, /^runstate: Failed to load \/.*: .+\n$/m);
  }
  await nothingLeft(cli);
  t.deepEqual(leftIn(cli), []);
});

real('a megabyte of any bytes passes through, in and out', async (t) => {
  const cli = makeCli(t);
  const bytes = randomBytes(1 << 20);
  const { code, stdout, stderr } = await cli.run(['run', '--rootfs', rootfs, c1, '--', 'cat'], {
    input: bytes,
  });
  t.is(code, 0, stderr);
  t.true(Buffer.from(stdout, 'latin1').equals(bytes));
});

real('run from a bundle, with a pid file that comes last', async (t) => {
  const cli = makeCli(t);
  const bundle = cli.bundle('b', ['sh', '-c', 'echo out; echo err >&2; exit 3']);
  const { code, stdout, stderr } = await cli.run(['run', '--bundle', bundle, c1]);
  t.deepEqual({ code, stdout, stderr }, { code: 3, stdout: 'out\n', stderr: 'err\n' });
  const sleeper = cli.bundle('s', ['sleep', '100']);
  const pidFile = join(cli.directory, 'pid');
  await cli.ok('run', '--detach', '--bundle', sleeper, '--pid-file', pidFile, c2);
  const pid = readFileSync(pidFile, 'utf8');
  t.regex(pid, /^\d+$/);
  // Its pid 1, which has started the program.
  t.is(readFileSync(`/proc/${pid}/comm`, 'utf8'), 'runstate-init\n');
  const refused = await cli.run(['run', '--bundle', bundle, '--pid-file', '/nonexistent/pid', c3]);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /ENOENT.*\/nonexistent/);
  t.is(await cli.ok('list', '--quiet'), `${c2}\n`);
});

real('signals go to the container, and end run as they end it', async (t) => {
  const cli = makeCli(t);
  const script =
    'trap "echo got TERM; exit 5" TERM; trap "echo got INT" INT; echo ready; while :; do sleep 0.1; done';
  const child = cli.start(['run', '--rootfs', rootfs, c1, '--', 'sh', '-c', script]);
  let seen = '';
  child.stdout?.on('data', (data: Buffer) => (seen += data.toString()));
  const ended = finish(child);
  await eventually(() => seen.includes('ready') || undefined, 'ready');
  child.kill('SIGINT');
  await eventually(() => seen.includes('got INT') || undefined, 'SIGINT');
  child.kill('SIGTERM');
  const { code, stdout } = await ended;
  t.is(code, 5);
  t.is(stdout, 'ready\ngot INT\ngot TERM\n');
  await nothingLeft(cli);
  t.pass();
});

real('a run that is interrupted at any moment leaves nothing', async (t) => {
  const cli = makeCli(t);
  for (const delay of [0, 60, 120, 180, 240]) {
    const child = cli.start(['run', '--rootfs', rootfs, c1, '--', 'sleep', '30']);
    const ended = finish(child);
    // Once it is up; how far it gets from there is what varies.
    await eventually(() => existsSync(cli.root) || child.exitCode !== null || undefined, 'the root');
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    t.is(code, 143, `after ${delay} ms: ${stderr}`);
    await nothingLeft(cli);
  }
});

real('a run that is killed leaves nothing, or what can be deleted', async (t) => {
  const cli = makeCli(t);
  for (const delay of [0, 50, 100, 150, 200]) {
    const child = cli.start(['run', '--rootfs', rootfs, c1, '--', 'sleep', '30']);
    const ended = finish(child);
    await eventually(() => existsSync(cli.root) || undefined, 'the root');
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    await ended;
    // Its supervisor may be on the way still.
    await new Promise((resolve) => setTimeout(resolve, 700));
    const listed = await cli.ok('list');
    t.notRegex(listed, /unknown/, `after ${delay} ms`);
    await cli.run(['delete', '--force', c1]);
    await nothingLeft(cli);
  }
});

real('a sandbox whose booter has gone when it is ready is destroyed', async (t) => {
  const cli = makeCli(t);
  const { read, write } = files.pipe();
  files.close(read);
  const child = cli.start(['boot', '--ready-fd', '3', '--', c1], {
    stdio: ['ignore', 'ignore', 'pipe', write],
  });
  files.close(write);
  const { code } = await finish(child);
  t.is(code, 1);
  await nothingLeft(cli);
  t.is(await cli.ok('list', '--quiet'), '');
});

real('limits, environment, user and directory reach the command', async (t) => {
  const cli = makeCli(t);
  const flags = ['--memory', '32m', '--pids', '9', '--cpus', '0.5', '--env', 'A=b c', '--cwd', '/tmp'];
  const { code, stdout, stderr } = await cli.run([
    ...['run', '--rootfs', rootfs, ...flags, '--user', 'nobody', '--hostname', 'here', c1, '--'],
    ...['sh', '-c', 'echo "$A"; pwd; id -u; hostname; touch /x 2>&1; grep NoNewPrivs /proc/self/status'],
  ]);
  t.is(code, 0, stderr);
  t.is(stdout, 'b c\n/tmp\n65534\nhere\ntouch: /x: Read-only file system\nNoNewPrivs:\t1\n');
});

real('flags of the command are its own', async (t) => {
  const cli = makeCli(t);
  t.is(await cli.ok('run', '--rootfs', rootfs, c1, '--', 'echo', '-e', '--', '-d'), '-- -d\n');
  t.is(await cli.ok('run', '--rootfs', rootfs, c1, 'echo', '-n', 'x'), 'x');
});

real('descriptors after standard error are passed when asked for', async (t) => {
  const cli = makeCli(t);
  const file = join(cli.directory, 'up');
  const fd = openSync(file, 'w');
  const command = ['run', '--preserve-fds', '1', '--rootfs', rootfs, c1, '--', 'sh', '-c', 'echo up >&3'];
  const { code, stderr } = await finish(cli.start(command, { stdio: ['pipe', 'pipe', 'pipe', fd] }));
  closeSync(fd);
  t.is(code, 0, stderr);
  t.is(readFileSync(file, 'utf8'), 'up\n');
  const refused = await cli.run(['run', '--preserve-fds', '9', '--rootfs', rootfs, c1, '--', 'true']);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /--preserve-fds: descriptor \d+ was not passed to runstate/);
});

real('another container joins a sandbox, and goes with it', async (t) => {
  const cli = makeCli(t);
  await cli.ok(
    'run',
    '-d',
    '--rootfs',
    rootfs,
    pod,
    '--',
    'sh',
    '-c',
    'nc -l -p 8080 -e echo hello & sleep 100',
  );
  const said = await eventually(async () => {
    const probe = await cli.run([
      'run',
      '--sandbox',
      pod,
      '--rootfs',
      rootfs,
      'probe',
      '--',
      'nc',
      '127.0.0.1',
      '8080',
    ]);
    return probe.code === 0 ? probe.stdout : undefined;
  }, 'an answer over loopback');
  t.is(said, 'hello\n');
  await cli.ok('run', '-d', '--sandbox', pod, '--rootfs', rootfs, 'side', '--', 'sleep', '100');
  t.is(await cli.ok('list', '-q'), `${pod}\nside\n`);
  const listed: unknown = JSON.parse(await cli.ok('list', '-f', 'json'));
  t.like(listed, [
    { id: pod, sandbox: pod },
    { id: 'side', sandbox: pod, status: 'running' },
  ]);
  const missing = await cli.run(['run', '--sandbox', 'nope', '--rootfs', rootfs, 'x', '--', 'true']);
  t.is(missing.code, 1);
  t.regex(missing.stderr, /sandbox "nope" does not exist/);
  await cli.ok('delete', '--force', pod);
  await nothingLeft(cli);
});

real('annotations of containerd and of CRI-O put a container into a sandbox', async (t) => {
  const cli = makeCli(t);
  const root = cli.bundle('root', ['sleep', '100'], (spec) => ({
    ...spec,
    annotations: { 'io.kubernetes.cri.container-type': 'sandbox', 'io.kubernetes.cri.sandbox-id': pod },
  }));
  await cli.ok('run', '-d', '--bundle', root, pod);
  const dialects: readonly Record<string, string>[] = [
    { 'io.kubernetes.cri.container-type': 'container', 'io.kubernetes.cri.sandbox-id': pod },
    { 'io.kubernetes.cri-o.ContainerType': 'container', 'io.kubernetes.cri-o.SandboxID': pod },
  ];
  for (const [index, annotations] of dialects.entries()) {
    const sub = cli.bundle(`sub${index}`, ['sleep', '100'], (spec) => ({ ...spec, annotations }));
    await cli.ok('create', '--bundle', sub, `sub${index}`);
    t.like(JSON.parse(await cli.ok('state', `sub${index}`)), { sandbox: pod, status: 'created' });
    await cli.ok('start', `sub${index}`);
  }
  t.is(programsOf(cli.root).length, 1);
});

real('one id is given once, also when many ask at the same time', async (t) => {
  const cli = makeCli(t);
  const bundle = cli.bundle('b', ['sleep', '100']);
  const results = await Promise.all(
    Array.from({ length: 6 }, () => cli.run(['create', '--bundle', bundle, c1])),
  );
  t.deepEqual(results.map(({ code }) => code).sort(), [0, 1, 1, 1, 1, 1]);
  for (const { code, stderr } of results)
    if (code !== 0) t.regex(stderr, new RegExp(`^runstate: (sandbox|container) "${c1}" already exists`));
  await cli.ok('start', c1);
  t.like(JSON.parse(await cli.ok('state', c1)), { status: 'running' });
});

real('a create that fails leaves nothing, and its id is free', async (t) => {
  const cli = makeCli(t);
  const bad = cli.bundle('bad', ['true'], (spec) => ({
    ...spec,
    mounts: [{ destination: '/x', type: 'nosuchfs', source: 'x' }],
  }));
  const refused = await cli.run(['create', '--bundle', bad, c1]);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /^runstate: runc create .*no such device\n$/m);
  await nothingLeft(cli);
  const missing = await cli.run(['--runtime', '/no/runc', 'create', '--bundle', bad, c1]);
  t.is(missing.code, 1);
  t.regex(missing.stderr, /\/no\/runc/);
  await nothingLeft(cli);
});

real("a file system from a tar file is the container's own", async (t) => {
  const cli = makeCli(t);
  const tar = join(cli.directory, 'image.tar');
  const { spawnSync } = await import('node:child_process');
  mkdirSync(join(cli.directory, 'extra'));
  writeFileSync(join(cli.directory, 'extra/note'), 'from the tar\n');
  t.is(
    spawnSync('tar', ['-cf', tar, '-C', rootfs, '.', '-C', join(cli.directory, 'extra'), 'note']).status,
    0,
  );
  t.is(
    await cli.ok('run', '--rootfs', tar, c1, '--', 'sh', '-c', 'cat /note; echo > /new && ls /new'),
    'from the tar\n/new\n',
  );
  await nothingLeft(cli);
});
