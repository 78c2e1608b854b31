import test from 'ava';
import type { ContainerSpec } from '../../../oci/types.ts';
import { effectiveSpec, type SandboxParts } from '../../../platforms/linux/bundle/effective-spec.ts';
import { SharedNamespaces } from '../../../platforms/linux/namespaces/shared.ts';

const parts: SandboxParts = {
  bundle: '/the/bundle',
  cgroupsPath: '/runstate/sb/c1',
  network: '/run/sb/netns',
  shared: undefined,
  settings: '/run/criu.conf',
  rootPath: '/real/root',
};

const spec: ContainerSpec = {
  ociVersion: '1.0.2',
  hostname: 'mine',
  root: { path: 'rootfs', readonly: true },
  mounts: [
    { destination: '/a', type: 'bind', source: 'data' },
    { destination: '/b', source: 'data', options: ['rbind'] },
    { destination: '/c', type: 'bind', source: '/data' },
    { destination: '/d', type: 'tmpfs', source: 'tmpfs' },
  ],
  linux: {
    cgroupsPath: '/elsewhere',
    namespaces: [
      { type: 'pid' },
      { type: 'network' },
      { type: 'ipc' },
      { type: 'uts' },
      { type: 'mount' },
      { type: 'cgroup', path: '/a/path' },
    ],
    seccomp: { defaultAction: 'SCMP_ACT_ALLOW' },
  },
  unknownToUs: { kept: true },
};

const pathsOf = (effective: ContainerSpec) =>
  Object.fromEntries((effective.linux?.namespaces ?? []).map(({ type, path }) => [type, path]));

/** This test's own namespaces stand for a root container's. */
const held = (t: { teardown(end: () => void): void }, own: readonly string[]): SharedNamespaces => {
  const shared = SharedNamespaces.hold(process.pid, own);
  t.teardown(() => shared.close());
  return shared;
};

test('a root container gets the sandbox’s network and cgroup; what we do not know is carried on', (t) => {
  const effective = effectiveSpec(spec, parts);
  t.deepEqual(effective, {
    ...spec,
    root: { path: '/real/root', readonly: true },
    annotations: { 'org.criu.config': '/run/criu.conf' },
    mounts: [
      { destination: '/a', type: 'bind', source: '/the/bundle/data' },
      { destination: '/b', source: '/the/bundle/data', options: ['rbind'] },
      { destination: '/c', type: 'bind', source: '/data' },
      { destination: '/d', type: 'tmpfs', source: 'tmpfs' },
    ],
    linux: {
      ...spec.linux,
      cgroupsPath: '/runstate/sb/c1',
      namespaces: [
        { type: 'pid' },
        { type: 'network', path: '/run/sb/netns' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        { type: 'cgroup', path: '/a/path' },
      ],
    },
  });
});

test('a sub-container joins ipc and uts, without a host name of its own; the pids only when asked', (t) => {
  const shared = held(t, ['pid', 'ipc', 'uts']);
  const effective = effectiveSpec(spec, { ...parts, shared });
  const joined = new RegExp(`^/proc/${process.pid}/fd/\\d+$`);
  const paths = pathsOf(effective);
  t.regex(paths['ipc'] ?? '', joined);
  t.regex(paths['uts'] ?? '', joined);
  t.is(paths['pid'], undefined);
  t.is(paths['cgroup'], '/a/path');
  t.false('hostname' in effective);
  const asking = { ...spec, annotations: { 'dev.runstate.share-pid': 'true' } };
  t.regex(pathsOf(effectiveSpec(asking, { ...parts, shared }))['pid'] ?? '', joined);
});

test('what the root container has none of, a sub-container gets for itself', (t) => {
  const effective = effectiveSpec(spec, { ...parts, shared: held(t, ['pid']) });
  t.is(pathsOf(effective)['ipc'], undefined);
  t.is(effective.hostname, 'mine');
});

test('paths of the spec stay, so does the host’s network, and all with a user namespace', (t) => {
  const shared = held(t, ['pid', 'ipc', 'uts']);
  const own = [
    { type: 'network', path: '/my/net' },
    { type: 'uts', path: '/my/uts' },
  ];
  const given = { ...spec, linux: { namespaces: own } };
  const effective = effectiveSpec(given, { ...parts, shared });
  t.deepEqual(effective.linux?.namespaces, own);
  t.is(effective.hostname, 'mine');
  t.deepEqual(effectiveSpec({ ...spec, linux: {} }, parts).linux?.namespaces, []);
  const withUser = [{ type: 'user' }, { type: 'network' }, { type: 'ipc' }, { type: 'uts' }];
  t.deepEqual(
    effectiveSpec({ ...spec, linux: { namespaces: withUser } }, { ...parts, shared }).linux?.namespaces,
    withUser,
  );
});
