import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type Implementation } from 'ava';
import { capabilityMask, defaultCapabilities, defaultSpec } from '../../oci/index.ts';
import { cannotRun, rootfs, run, shell } from './support/container.ts';

const why = cannotRun();
if (why !== undefined) console.warn(`tests of the default spec with runc are skipped: ${why}`);

function real(title: string, work: Implementation<[]>): void {
  if (why === undefined) test.serial(title, work);
  else test.skip(title, work);
}

/** A cgroup's setting as the container sees it: of cgroup v1 (its controller's directory), else of v2. */
const setting = (v1: string, v2: string) =>
  `cat /sys/fs/cgroup/${v1} 2>/dev/null || cat /sys/fs/cgroup/${v2}`;

real('privileges: none new, few capabilities, a filter', (t) => {
  const { stdout } = shell('cat /proc/self/status');
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(stdout)?.[1];
  t.is(field('NoNewPrivs'), '1');
  t.is(field('Seccomp'), '2');
  const mask = capabilityMask(defaultCapabilities).toString(16).padStart(16, '0');
  t.is(field('CapBnd'), mask);
  t.is(field('CapEff'), mask);
  t.is(field('CapAmb'), '0000000000000000');
  const other = shell('cat /proc/self/status', { user: { uid: 1000, gid: 1000 } }).stdout;
  t.regex(other, /^CapEff:\s*0{16}$/m);
  t.regex(other, /^Uid:\s*1000\s/m);
});

real('files of the host are masked, and its settings cannot be changed', (t) => {
  const { stdout } = shell('cat /proc/self/mountinfo');
  const mounted = new Set(stdout.split('\n').map((line) => line.split(' ')[4]));
  const { maskedPaths = [], readonlyPaths = [] } = defaultSpec().linux ?? {};
  for (const path of [...maskedPaths, ...readonlyPaths].filter((one) => existsSync(one))) {
    t.true(mounted.has(path), path);
  }
  t.regex(shell('echo 60 > /proc/sys/vm/swappiness').stderr, /Read-only file system/);
  t.regex(shell('echo x > /bin/x').stderr, /Read-only file system/);
  t.is(shell('echo x > /tmp/x && cat /tmp/x').stdout, 'x\n');
  t.is(shell('ls /sys/firmware').stdout, '');
});

real('no network but loopback, which is up', (t) => {
  const { stdout } = shell(
    'ls /sys/class/net; ip -o addr show dev lo; ping -c1 -W2 127.0.0.1 2>&1; cat /proc/net/route',
  );
  t.is(stdout.split('\n')[0], 'lo');
  t.regex(stdout, /127\.0\.0\.1\/8/);
  t.notRegex(stdout, /00000000\s+00000000/, 'no default route');
});

real('namespaces of its own: pids, host name, cgroups', (t) => {
  const { stdout } = shell('echo $$; hostname; cat /proc/self/cgroup', { hostname: 'h1' });
  const [pid, host, ...cgroups] = stdout.trim().split('\n');
  t.is(pid, '1');
  t.is(host, 'h1');
  t.deepEqual(
    cgroups.filter((line) => line.includes('runstate-')),
    [],
  );
});

real('the memory limit kills what goes beyond it, also in /tmp', (t) => {
  const memory = '32m';
  t.is(shell('dd if=/dev/zero of=/dev/null bs=8M count=1', { memory }).status, 0);
  t.is(shell('exec dd if=/dev/zero of=/dev/null bs=128M count=1', { memory }).status, 137);
  t.is(shell('exec dd if=/dev/zero of=/tmp/x bs=1M count=128', { memory }).status, 137);
});

real('the pids limit stops a fork bomb', (t) => {
  const { stderr } = shell('i=0; while [ $i -lt 50 ]; do sleep 3 & i=$((i+1)); done', { pids: 10 });
  t.regex(stderr, /can't fork/);
});

real('the cpu limit is what was asked for, and holds', (t) => {
  const quota = shell(setting('cpu/cpu.cfs_quota_us', 'cpu.max'), { cpus: 0.2 }).stdout;
  t.regex(quota, /^20000\b/);
  // Busy for 2 seconds of the clock: a fifth of a processor is 0.4 s. utime and stime count hundredths.
  const script = 'timeout 2 sh -c "while :; do :; done"; cut -d" " -f16,17 /proc/$$/stat';
  const [user = NaN, system = NaN] = shell(script, { cpus: 0.2 }).stdout.trim().split(' ').map(Number);
  t.true(user + system > 10 && user + system < 100, `${user + system} hundredths of a second`);
});

real('system calls: each gets the answer that it should', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-syscalls-'));
  t.teardown(() => {
    rmSync(directory, { recursive: true });
  });
  const program = join(directory, 'syscalls');
  execFileSync('cc', ['-static', '-o', program, 'tests/fixtures/programs/syscalls.c']);
  const { stdout } = run({
    args: ['/tmp/syscalls'],
    mounts: [{ destination: '/tmp', type: 'bind', source: directory, options: ['bind', 'ro'] }],
  });
  t.deepEqual(stdout.trim().split('\n'), [
    'socket inet ok',
    'socket unix ok',
    'socket netlink ok',
    'socket audit EINVAL',
    'socket vsock EAFNOSUPPORT',
    'socket vsock, high bit EAFNOSUPPORT',
    'socket vsock, audit protocol EINVAL',
    'clone newuser EPERM',
    'clone3 ENOSYS',
    'unshare EPERM',
    'io_uring_setup ENOSYS',
    'bpf EPERM',
    'keyctl EPERM',
    'personality ok',
    'personality, no random addresses ENOSYS',
  ]);
});

real('ordinary programs work under the filter', (t) => {
  const { status, stdout } = shell(
    'set -e; cd /tmp; mkdir a; echo b > a/c; mv a/c a/d; chmod 600 a/d; chown 1:1 a/d; ln -s d a/e; ' +
      'tar cf x.tar a; rm -r a; tar xf x.tar; find a | wc -l; mkfifo f; (echo hi > f &) ; cat f; ' +
      'id; date > /dev/null; ps > /dev/null; su nobody -s /bin/sh -c "id -u"; sleep 0.01; mknod n p',
    { rootfs },
  );
  t.is(status, 0);
  t.regex(stdout, /^3\nhi\n/);
});
