/** Which of a machine's cgroup mounts are used. */
import test from 'ava';
import { parseLayout } from '../../../platforms/linux/cgroups/layout.ts';

const v1 = [
  '22 1 8:1 / / rw - ext4 /dev/sda1 rw',
  '31 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
  '32 30 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd',
  '36 30 0:33 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer',
  '37 30 0:34 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
];
const again = [
  '90 22 0:33 / /run/criu/.criu.cgyard.x/freezer rw - cgroup none rw,freezer',
  '91 22 0:34 / /run/criu/.criu.cgyard.x/cpu rw - cgroup none rw,cpu,cpuacct',
];

for (const [when, lines] of [
  ['later', [...v1, ...again]],
  ['earlier in the list', [...again, ...v1]],
] as const)
  test(`hierarchies that a tool has mounted a second time, ${when}, are used where they usually are`, (t) => {
    const layout = parseLayout(lines.join('\n'));
    if (layout.version !== 1) return t.fail();
    t.is(layout.freezer, '/sys/fs/cgroup/freezer');
    t.is(layout.controllers.get('cpuacct'), '/sys/fs/cgroup/cpu,cpuacct');
    t.deepEqual(
      [...layout.mounts].sort(),
      ['cpu,cpuacct', 'freezer', 'systemd', 'unified'].map((name) => `/sys/fs/cgroup/${name}`),
    );
  });

test('hierarchies that are mounted elsewhere are used there', (t) => {
  const layout = parseLayout('36 30 0:33 / /cgroups/freezer rw - cgroup cgroup rw,freezer');
  t.is(layout.version === 1 ? layout.freezer : '', '/cgroups/freezer');
});

test('v2 alone, and also when a part of it is mounted elsewhere', (t) => {
  const lines = [
    '40 22 0:28 /part /run/part rw - cgroup2 cgroup2 rw',
    '30 25 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
  ];
  t.deepEqual(parseLayout(lines.join('\n')), { version: 2, mount: '/sys/fs/cgroup' });
});

test('no cgroups are refused', (t) => {
  t.throws(() => parseLayout('22 1 8:1 / / rw - ext4 /dev/sda1 rw'), { code: 'NOT_SUPPORTED' });
});
