import test from 'ava';
import { parseProcess, parseSpec } from '../../oci/index.ts';
import { isError } from '../../errors/index.ts';

const good = {
  ociVersion: '1.0.2',
  process: { args: ['sh'], cwd: '/' },
  root: { path: 'rootfs' },
};

/** The problems that parseSpec finds, or undefined when there are none. */
function problems(spec: unknown): readonly string[] | undefined {
  try {
    parseSpec(spec);
    return undefined;
  } catch (error) {
    if (isError(error, 'SPEC')) return error.params.problems;
    throw error;
  }
}

test('a spec keeps what runstate does not know, at every level', (t) => {
  const spec = parseSpec({
    ...good,
    windows: { layerFolders: ['C:'] },
    process: { ...good.process, ioPriority: { class: 'IOPRIO_CLASS_IDLE' } },
    linux: { resources: { rdma: { mlx5_1: { hcaHandles: 3 } } }, intelRdt: { closID: 'x' } },
  });
  t.deepEqual(spec['windows'], { layerFolders: ['C:'] });
  t.deepEqual(spec.process?.['ioPriority'], { class: 'IOPRIO_CLASS_IDLE' });
  t.deepEqual(spec.linux?.['intelRdt'], { closID: 'x' });
  t.deepEqual(spec.linux?.resources?.['rdma'], { mlx5_1: { hcaHandles: 3 } });
});

test('64-bit limits keep every digit', (t) => {
  const text = JSON.stringify({ ...good, linux: { resources: { memory: { limit: 0 } } } });
  const spec = parseSpec(text.replace('"limit":0', '"limit":9223372036854775807'));
  t.is(spec.linux?.resources?.memory?.limit, 9223372036854775807n);
  t.deepEqual(problems(text.replace('"limit":0', '"limit":9223372036854775808')), [
    'linux.resources.memory.limit: must fit in 64 bits with a sign',
  ]);
});

test('null counts as absent, as Go reads it', (t) => {
  const spec = parseSpec({ ...good, mounts: null, linux: { seccomp: null, namespaces: null } });
  t.false('mounts' in spec);
  t.deepEqual(spec.linux, {});
});

test('user and group default to 0, as the struct of the specification does', (t) => {
  t.deepEqual(parseSpec({ ...good, process: { ...good.process, user: {} } }).process?.user, {
    uid: 0,
    gid: 0,
  });
});

test('text that is no JSON is shown with its line and column', (t) => {
  t.deepEqual(problems('{\n  "ociVersion": "1.0.2",\n  "root": }'), [
    "malformed JSON: line 3, column 11: Object value expected after ':'",
  ]);
  t.deepEqual(problems(''), [
    'malformed JSON: line 1, column 1: JSON value expected but reached end of input',
  ]);
  t.deepEqual(problems('['.repeat(1_000_000)), ['malformed JSON: nested too deeply']);
  t.deepEqual(problems('{"ociVersion":"1.0.2","ociVersion":"1.1.0"}')?.length, 1);
});

test('every problem is named with its path, in one error', (t) => {
  const found = problems({
    ociVersion: '1.0.2',
    process: { args: [], cwd: 'here', env: ['HOME=/', 'x'], user: { uid: -1 } },
    root: {},
    annotations: { 'a.b/c': 3 },
  });
  t.deepEqual(
    [...(found ?? [])].sort(),
    [
      'process.args: must not be empty',
      'process.cwd: must be an absolute path',
      'process.env[1]: "x" is not of the form NAME=value',
      'process.user.uid: must not be negative',
      'root.path: is missing',
      'annotations["a.b/c"]: must be a string, not 3',
    ].sort(),
  );
});

const bad: readonly (readonly [string, unknown, string])[] = [
  ['a list', [], 'must be an object, not a list'],
  ['a string', '"x"', 'must be an object, not "x"'],
  ['no version', { ...good, ociVersion: undefined }, 'ociVersion: is missing'],
  ['a version of two parts', { ...good, ociVersion: '1.0' }, 'ociVersion: "1.0" is no semantic version'],
  [
    'a version from the future',
    { ...good, ociVersion: '2.0.0' },
    'ociVersion: 2.0.0 is not known here; versions 1.x are',
  ],
  ['no root', { ...good, root: undefined }, 'root: is missing'],
  ['no program', { ...good, process: { cwd: '/' } }, 'process.args: is missing'],
  [
    'an empty program',
    { ...good, process: { cwd: '/', args: [''] } },
    'process.args: must begin with a program, not ""',
  ],
  [
    'a zero byte',
    { ...good, process: { cwd: '/', args: ['a\0b'] } },
    'process.args[0]: must not contain a zero byte',
  ],
  ['a process that is a list', { ...good, process: [] }, 'process: must be an object, not a list'],
  [
    'a relative mount',
    { ...good, mounts: [{ destination: 'proc' }] },
    'mounts[0].destination: must be an absolute path',
  ],
  [
    'an unknown namespace',
    { ...good, linux: { namespaces: [{ type: 'net' }] } },
    'linux.namespaces[0].type: "net" is no namespace; there are pid, network, mount, ipc, uts, user, cgroup, time',
  ],
  [
    'a namespace twice',
    { ...good, linux: { namespaces: [{ type: 'pid' }, { type: 'pid' }] } },
    'linux.namespaces: "pid" stands twice',
  ],
  [
    'a relative namespace path',
    { ...good, linux: { namespaces: [{ type: 'pid', path: 'x' }] } },
    'linux.namespaces[0].path: must be an absolute path',
  ],
  [
    'a hostname for the host',
    { ...good, hostname: 'x' },
    'hostname: needs a uts namespace in linux.namespaces',
  ],
  [
    'an unknown limit',
    { ...good, process: { ...good.process, rlimits: [{ type: 'NOFILE', soft: 1, hard: 1 }] } },
    'process.rlimits[0].type: "NOFILE" is no resource limit',
  ],
  [
    'a soft limit above the hard',
    { ...good, process: { ...good.process, rlimits: [{ type: 'RLIMIT_AS', soft: 2, hard: 1 }] } },
    'process.rlimits[0]: soft must not be above hard',
  ],
  [
    'an unknown capability',
    { ...good, process: { ...good.process, capabilities: { bounding: ['CAP_FLY'] } } },
    'process.capabilities.bounding[0]: "CAP_FLY" is no capability',
  ],
  [
    'a fraction of a byte',
    { ...good, linux: { resources: { memory: { limit: 1.5 } } } },
    'linux.resources.memory.limit: must be an integer, not 1.5',
  ],
  [
    'a relative hook',
    { ...good, hooks: { prestart: [{ path: 'x' }] } },
    'hooks.prestart[0].path: must be an absolute path',
  ],
];

for (const [name, spec, problem] of bad) {
  test(`refused: ${name}`, (t) => {
    t.true(problems(spec)?.includes(problem), JSON.stringify(problems(spec)));
  });
}

test('a process document alone is checked by the same rules', (t) => {
  t.deepEqual(parseProcess({ args: ['ls'], cwd: '/' }).args, ['ls']);
  t.throws(() => parseProcess({ args: [], cwd: '/' }, 'p.json'), {
    message: 'p.json: args: must not be empty',
  });
});
