import test from 'ava';
import { isError } from '../../../errors/index.ts';
import { defaultSpec } from '../../../oci/default-spec/index.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import { chooseInit, initDestination } from '../../../platforms/linux/init/index.ts';

const spec = (change: Partial<ContainerSpec> = {}): ContainerSpec => ({ ...defaultSpec(), ...change });
const free = { asked: undefined, usual: undefined, keepsStatuses: true, hasPlace: true };
const linux = (more: object): Partial<ContainerSpec> => ({ linux: { ...defaultSpec().linux, ...more } });

test('it is used where it can be, unless somebody says otherwise', (t) => {
  t.is(chooseInit(spec(), free), 'runstate');
  t.is(chooseInit(spec(), { ...free, asked: 'none' }), 'none');
  t.is(chooseInit(spec(), { ...free, usual: 'none' }), 'none');
  t.is(chooseInit(spec(), { ...free, usual: 'none', asked: 'runstate' }), 'runstate');
  const annotations = { 'dev.runstate.init': 'none' };
  t.is(chooseInit(spec({ annotations }), free), 'none');
  t.is(chooseInit(spec({ annotations }), { ...free, asked: 'runstate' }), 'runstate');
});

test('a program that is an init itself is pid 1, unless it is asked for', (t) => {
  for (const program of ['/sbin/init', '/lib/systemd/systemd', 'tini', '/sbin/docker-init', '/init']) {
    const one = spec({ process: { cwd: '/', args: [program] } });
    t.is(chooseInit(one, free), 'none', program);
    t.is(chooseInit(one, { ...free, asked: 'runstate' }), 'runstate', program);
  }
});

test('where it cannot be it is not, and who asks is told why', (t) => {
  const cases: readonly (readonly [ContainerSpec, RegExp])[] = [
    [spec(linux({ namespaces: [{ type: 'mount' }] })), /no pid namespace of its own/],
    [spec(linux({ namespaces: [{ type: 'pid', path: '/proc/1/ns/pid' }] })), /no pid namespace of its own/],
    [spec(linux({ resources: { pids: { limit: 1 } } })), /one process/],
    [spec({ process: { cwd: '/' } }), /no program/],
    [spec(linux({ seccomp: { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [] } })), /seccomp/],
    [
      spec(
        linux({
          seccomp: {
            defaultAction: 'SCMP_ACT_ALLOW',
            syscalls: [{ names: ['kill'], action: 'SCMP_ACT_KILL' }],
          },
        }),
      ),
      /seccomp/,
    ],
  ];
  for (const [one, why] of cases) {
    t.is(chooseInit(one, free), 'none');
    const error = t.throws(() => chooseInit(one, { ...free, asked: 'runstate' }));
    t.true(isError(error, 'NOT_SUPPORTED'), String(error));
    t.regex(error.message, why);
  }
  t.is(chooseInit(spec(), { ...free, keepsStatuses: false }), 'none');
});

test('a /dev that is the host’s gets no file', (t) => {
  t.is(initDestination(spec()), '/dev/runstate-init');
  const mounts = [{ destination: '/dev', type: 'bind', source: '/dev', options: ['rbind'] }];
  t.is(initDestination(spec({ mounts })), '/.runstate-init');
});
