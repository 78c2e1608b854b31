import test from 'ava';
import { defaultSpec, parseSize, parseSpec, seccompProfile, stringifyExact } from '../../oci/index.ts';
import { isError } from '../../errors/index.ts';

const machine = { arch: 'x64', cgroupNamespace: true, swapLimit: true };

test('what is left out is the safe choice', (t) => {
  const spec = defaultSpec({ machine });
  t.true(spec.process?.noNewPrivileges);
  t.true(spec.root?.readonly);
  t.deepEqual(spec.process?.capabilities?.ambient, []);
  t.deepEqual(spec.process?.capabilities?.inheritable, []);
  t.deepEqual(spec.linux?.resources, {
    devices: [{ allow: false, access: 'rwm' }],
    memory: { limit: 536870912, swap: 536870912 },
    cpu: { quota: 100000, period: 100000 },
    pids: { limit: 512 },
  });
  t.deepEqual(
    spec.linux?.namespaces?.map((one) => one.type),
    ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'],
  );
  t.true(spec.linux?.namespaces?.every((one) => one.path === undefined));
});

test('options come through, and the result reads back as written', (t) => {
  const spec = defaultSpec({
    machine,
    args: ['ls', '-l'],
    env: { PATH: '/bin', A: 'b=c' },
    cwd: '/tmp',
    user: { uid: 1000, gid: 100, additionalGids: [10] },
    rootfs: '/r',
    readonlyRoot: false,
    hostname: 'h',
    memory: '64m',
    swap: '32m',
    cpus: 0.5,
    pids: 20,
    terminal: true,
    mounts: [{ destination: '/dev/shm', type: 'tmpfs', source: 'x' }],
    annotations: { a: 'b' },
  });
  t.deepEqual(spec.process?.env, ['PATH=/bin', 'TERM=xterm', 'A=b=c']);
  t.deepEqual(spec.process?.capabilities?.effective, [], 'another user than root has none');
  t.is(spec.mounts?.filter((mount) => mount.destination === '/dev/shm').length, 1);
  t.false(
    spec.mounts?.some((mount) => mount.destination === '/tmp'),
    'a writable root needs no other /tmp',
  );
  t.deepEqual(spec.linux?.resources?.memory, { limit: 64 << 20, swap: 96 << 20 });
  t.deepEqual(spec.linux?.resources?.cpu, { quota: 50_000, period: 100_000 });
  t.deepEqual(parseSpec(stringifyExact(spec)), spec);
});

test('each limit can be lifted; what the machine cannot do is left out', (t) => {
  const open = defaultSpec({ machine, memory: false, cpus: false, pids: false });
  t.deepEqual(Object.keys(open.linux?.resources ?? {}), ['devices']);
  t.is(defaultSpec({ machine, swap: false }).linux?.resources?.memory?.swap, -1);
  const old = defaultSpec({ machine: { ...machine, cgroupNamespace: false, swapLimit: false } });
  t.deepEqual(old.linux?.resources?.memory, { limit: 536870912 });
  t.false(old.linux?.namespaces?.some((one) => one.type === 'cgroup'));
  t.false(
    old.mounts?.some((mount) => mount.type === 'cgroup'),
    "it would show the host's",
  );
});

test('bad options are named', (t) => {
  const message = (options: Parameters<typeof defaultSpec>[0]) =>
    t.throws(() => defaultSpec(options)).message;
  t.regex(message({ machine, memory: 'a lot' }), /^memory: "a lot" is no size/);
  t.regex(message({ machine, memory: -1 }), /^memory: "-1" is no size/);
  t.regex(message({ machine, memory: 4096 }), /^memory: 4096 bytes are too few/);
  t.regex(message({ machine, swap: '1x' }), /^swap: /);
  for (const cpus of [0, -1, NaN, Infinity, 0.001]) t.regex(message({ machine, cpus }), /^cpus: /);
  for (const pids of [0, -1, 1.5, NaN, 1e9]) t.regex(message({ machine, pids }), /^pids: /);
  t.is(message({ machine, args: [] }), 'default spec: process.args: must not be empty');
  t.is(message({ machine, cwd: 'x' }), 'default spec: process.cwd: must be an absolute path');
  t.regex(message({ machine, env: ['X'] }), /process\.env\[1\]: "X" is not of the form/);
  t.true(
    isError(
      t.throws(() => defaultSpec({ machine: { ...machine, arch: 'mips' } })),
      'NOT_SUPPORTED',
    ),
  );
});

test('sizes as container engines take them', (t) => {
  const sizes: Readonly<Record<string, number>> = {
    '0': 0,
    '1048576': 1 << 20,
    '512m': 512 << 20,
    '512M': 512 << 20,
    '512MiB': 512 << 20,
    '512mb': 512 << 20,
    '1.5g': 1.5 * 2 ** 30,
    '4k': 4096,
    '7b': 7,
    '1t': 2 ** 40,
  };
  for (const [text, bytes] of Object.entries(sizes)) t.is(parseSize(text, 'x'), bytes, text);
  t.is(parseSize(5n, 'x'), 5);
  for (const bad of ['', 'm', '-1', '1e3', '1..5m', '5 parsecs', '99999999t'])
    t.throws(() => parseSize(bad, 'x'));
});

test('a system call stands in one list only: two answers to one call would leave the choice to the library', (t) => {
  for (const arch of ['x64', 'arm64']) {
    for (const capabilities of [[], ['CAP_SYS_ADMIN', 'CAP_AUDIT_WRITE'], ['CAP_BPF', 'CAP_SYS_TIME']]) {
      const { syscalls = [] } = seccompProfile({ arch, capabilities });
      const whole = syscalls.filter((rule) => rule.args === undefined).flatMap((rule) => rule.names);
      const byArgument = new Set(
        syscalls.filter((rule) => rule.args !== undefined).flatMap((rule) => rule.names),
      );
      t.deepEqual(
        whole.filter((name, index) => whole.indexOf(name) !== index || byArgument.has(name)),
        [],
      );
    }
  }
});

test('capabilities open the system calls that need them', (t) => {
  const allowed = (capabilities: readonly string[]) =>
    new Set(
      seccompProfile({ arch: 'x64', capabilities })
        .syscalls?.filter((rule) => rule.action === 'SCMP_ACT_ALLOW' && rule.args === undefined)
        .flatMap((rule) => rule.names),
    );
  for (const call of ['mount', 'unshare', 'setns', 'bpf', 'clone3', 'clone']) {
    t.false(allowed([]).has(call), call);
    t.true(allowed(['CAP_SYS_ADMIN']).has(call), call);
  }
  for (const call of ['io_uring_setup', 'kexec_load', 'add_key', 'userfaultfd']) {
    t.false(allowed(['CAP_SYS_ADMIN']).has(call), call);
  }
  t.true(allowed(['CAP_SYS_TIME']).has('clock_settime'));
});
