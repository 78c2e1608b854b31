import test from 'ava';
import { isError } from '../../../errors/index.ts';
import { parseLayout } from '../../../platforms/linux/cgroups/index.ts';

const mount = (device: string, point: string, type: string, options: string): string =>
  `30 23 ${device} / ${point} rw,nosuid shared:9 - ${type} ${type} ${options}`;
const freezer = mount('0:31', '/sys/fs/cgroup/freezer', 'cgroup', 'rw,freezer');
const cpu = mount('0:32', '/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'rw,cpu,cpuacct');
const unified = mount('0:28', '/sys/fs/cgroup/unified', 'cgroup2', 'rw,nsdelegate');

test('v1 and hybrid: the hierarchies of all controllers, and those without any', (t) => {
  const layout = parseLayout(`${unified}\n${freezer}\n${cpu}\n`);
  if (layout.version !== 1) return t.fail();
  t.is(layout.freezer, '/sys/fs/cgroup/freezer');
  t.is(layout.controllers.get('cpuacct'), '/sys/fs/cgroup/cpu,cpuacct');
  t.deepEqual([...layout.mounts].sort(), [
    '/sys/fs/cgroup/cpu,cpuacct',
    '/sys/fs/cgroup/freezer',
    '/sys/fs/cgroup/unified',
  ]);
});

test('a hierarchy that is mounted once more later, as CRIU does for a moment, is the one that was first', (t) => {
  const passing = [
    mount('0:31', '/tmp/.criu.cgyard.aB/freezer', 'cgroup', 'rw,freezer'),
    mount('0:28', '/tmp/.criu.cgyard.aB/unified', 'cgroup2', 'rw'),
  ].join('\n');
  const layout = parseLayout(`${freezer}\n${unified}\n${passing}`);
  if (layout.version !== 1) return t.fail();
  t.is(layout.freezer, '/sys/fs/cgroup/freezer');
  t.deepEqual([...layout.mounts].sort(), ['/sys/fs/cgroup/freezer', '/sys/fs/cgroup/unified']);
});

test('v1 that is mounted elsewhere for good is found there', (t) => {
  const layout = parseLayout(mount('0:31', '/cgroup/freezer', 'cgroup', 'rw,freezer'));
  if (layout.version !== 1) return t.fail();
  t.is(layout.freezer, '/cgroup/freezer');
});

test('v2 alone', (t) => {
  const passing = mount('0:28', '/tmp/.criu.cgyard.aB', 'cgroup2', 'rw');
  const layout = parseLayout(`${mount('0:28', '/sys/fs/cgroup', 'cgroup2', 'rw')}\n${passing}`);
  t.deepEqual(layout, { version: 2, mount: '/sys/fs/cgroup' });
});

test('without what is needed it is refused', (t) => {
  t.true(
    isError(
      t.throws(() => parseLayout('')),
      'NOT_SUPPORTED',
    ),
  );
  t.true(
    isError(
      t.throws(() => parseLayout(`${cpu}\n${unified}`)),
      'NOT_SUPPORTED',
    ),
  );
});
