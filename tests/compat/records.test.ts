/** The records by which runsc finds a container: as those that releases of it wrote. */
import test from 'ava';
import { defaultSpec } from '../../oci/index.ts';
import { recordFormats, type ContainerFacts } from '../../transport/compat/runsc/records.ts';

const facts: ContainerFacts = {
  ...{ cid: 'c1', sandbox: 'c1', sandboxPid: 6010, bundle: '/b', createdAt: new Date(0), state: 'running' },
  spec: defaultSpec({ args: ['sh'], rootfs: '/r' }),
};

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value).sort() : [];

test('each release has its own place and names', (t) => {
  t.deepEqual(
    recordFormats.map(({ directory, files }) => [directory, ...files({ cid: 'sub', sandbox: 'pod' })]),
    [
      ['', 'sub_sandbox:pod.state', 'sub_sandbox:pod.lock'],
      ['runsc-2019', 'sub.state', 'sub.lock'],
      ['runsc-2019-10', 'sub/meta.json', 'sub/meta.lock'],
    ],
  );
});

test('the fields are those that were recorded of each', (t) => {
  const [of2022, of2019, ofOctober] = recordFormats.map((format) => format.record(facts, '/run/x'));
  const common = [
    'bundleDir',
    'consoleSocket',
    'createdAt',
    'goferPid',
    'id',
    'owner',
    'sandbox',
    'spec',
    'status',
  ];
  t.deepEqual(keysOf(of2022), [...common, 'compatCgroup', 'saver'].sort());
  t.deepEqual(keysOf(of2019), [...common, 'saver'].sort());
  t.deepEqual(keysOf(ofOctober), [...common, 'RootContainerDir', 'root'].sort());
  t.like(of2022, {
    status: 'running',
    saver: { rootDir: '/run/x', id: { sandboxId: 'c1', containerId: 'c1' } },
  });
  t.like(of2019, { status: 3, sandbox: { id: 'c1', pid: 6010, cgroup: null }, saver: { id: 'c1' } });
  t.like(ofOctober, { status: 3, root: '/run/x/c1', RootContainerDir: '/run/x' });
});

test('states by their numbers of 2019', (t) => {
  const of2019 = recordFormats[1];
  const numbers = (
    ['created', 'creating', 'paused', 'running', 'stopped', 'restored', 'checkpointed'] as const
  ).map((state) => of2019?.record({ ...facts, state }, '/run/x'));
  t.deepEqual(
    numbers.map((record) =>
      typeof record === 'object' && record !== null && 'status' in record ? record.status : '',
    ),
    [0, 1, 2, 3, 4, 2, 4],
  );
});
