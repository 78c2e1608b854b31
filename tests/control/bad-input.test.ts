/**
 * What is wrong with a call is said, by name, whatever the method: over the real socket, all on one connection, which
 * goes on, and nothing of it is left open.
 */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { files } from '../../native/index.ts';
import { encode } from '../../transport/codec/index.ts';
import { isMethodName, methods, type MethodName } from '../../transport/methods/index.ts';
import { openFiles, RawClient } from '../transport/support.ts';
import { until } from '../support/waiting.ts';
import { examples, type Given } from './examples.ts';
import { realOneByOne, rootfs, withSandbox, type Bench } from './support.ts';

/** Those of a sandbox; a supervisor's are decoded by the same table. */
const all = Object.keys(methods)
  .filter(isMethodName)
  .filter((method) => !method.startsWith('supervisor.'));

interface Case {
  readonly method: MethodName;
  readonly what: string;
  /** Of the request, as JSON; undefined leaves it out. */
  readonly arg: string | undefined;
  readonly fds?: readonly number[];
  /** Of which each must be in the reply. */
  readonly says: readonly string[];
}

interface Ready {
  readonly bench: Bench;
  readonly given: Given;
}

/** Sends all cases on one connection, and an honest call after each. */
function refused(title: string, casesOf: (ready: Ready) => readonly Case[]): void {
  realOneByOne(title, (t) =>
    withSandbox(t, async (bench) => {
      await bench.run(bench.id);
      const given = { id: bench.id, pid: 1, rootfs };
      const client = new RawClient(join(bench.root, `runsc-${bench.id}.sock`));
      try {
        await ask(client, { method: 'runstate.List', what: '', arg: 'null', says: [] });
        const before = openFiles();
        const cases = casesOf({ bench, given });
        const fds = new Set(cases.flatMap((one) => one.fds ?? []));
        t.true(cases.length > 0);
        for (const one of cases) await check(t, client, one);
        // Those that the cases opened are the test's.
        for (const fd of fds) closeSync(fd);
        await until(() => openFiles() <= before, 'descriptors are left open');
      } finally {
        client.close();
      }
    }),
  );
}

async function check(t: ExecutionContext, client: RawClient, one: Case): Promise<void> {
  const reply = await ask(client, one);
  const what = `${one.method}, ${one.what}: ${reply}`;
  t.true(reply.startsWith('{"success":false,"err":"'), what);
  for (const said of one.says) t.true(reply.includes(said), `${what} does not say ${said}`);
  const next = await ask(client, { method: 'runstate.List', what: '', arg: 'null', says: [] });
  t.true(next.startsWith('{"success":true,'), `after ${what} the connection says ${next}`);
}

/** Gives the one reply to it. */
async function ask(client: RawClient, { method, arg, fds = [] }: Case): Promise<string> {
  client.text = '';
  const text = arg === undefined ? `{"method":"${method}"}` : `{"method":"${method}","arg":${arg}}`;
  await client.send(text, fds);
  await until(() => {
    client.read();
    return isWhole(client.text);
  }, `${method}: no reply, but ${client.text}`);
  return client.text;
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // More is to come.
    return false;
  }
}

const nothing = (): number => openSync('/dev/null', 'r+');
const several = (count: number): readonly number[] => Array.from({ length: count }, nothing);

/** As the example's files, but all /dev/null. */
const filesOf = (method: MethodName): readonly number[] => several(examples[method].files?.length ?? 0);

refused('no argument', () =>
  all.map((method) => ({
    method,
    what: 'no argument',
    arg: undefined,
    says: ['unexpected end of JSON input'],
  })),
);

refused('an argument of another type', ({ given }) =>
  all.flatMap((method) => {
    const arg = encode(examples[method].arg(given));
    const wrong = ['7.5', 'true', '[1]', ...(arg.startsWith('"') ? ['{"CID":"x"}'] : ['"text"'])];
    return (
      wrong
        // Event takes a container's id.
        .filter((one) => !(method === 'containerManager.Event' && one === '"text"'))
        .map((one): Case => ({
          ...{ method, what: one, arg: one, fds: filesOf(method) },
          says: ['"code":"BAD_ARGUMENT"', `argument of ${method}: `],
        }))
    );
  }),
);

refused('null where something is needed', () =>
  all
    .filter((method) => !takesNothing.has(method))
    .map((method): Case => ({
      ...{ method, what: 'null', arg: 'null', fds: filesOf(method), says: ['"code":"'] },
    })),
);

/** Null is nothing to be said, or the zero of what is said, as in Go; and that they do. */
const takesNothing = new Set<MethodName>([
  ...all.filter((method) => encode(examples[method].arg({ id: 'x', pid: 1, rootfs })) === 'null'),
  ...(['Logging.Change', 'Usage.Collect', 'Metrics.Export', 'Network.CreateLinksAndRoutes'] as const),
  ...(['Cgroups.ReadControlFiles', 'Cgroups.WriteControlFiles', 'containerManager.SetNetworkArgs'] as const),
  ...(['containerManager.ContainerRuntimeState', 'containerManager.Processes', 'runstate.Observe'] as const),
  // Of these the argument names no container, and the file is what counts.
  ...(['Profile.StartCPUProfile', 'Profile.HeapProfile', 'Profile.StartTrace', 'Profile.CPU'] as const),
  ...(['Profile.Heap', 'Profile.Trace', 'containerManager.Checkpoint'] as const),
]);

refused('a field of another type', ({ given }) =>
  all.flatMap((method) => {
    const arg: unknown = examples[method].arg(given);
    if (typeof arg !== 'object' || arg === null) return [];
    return Object.entries(arg).map(([name, value]): Case => {
      const wrong = typeof value === 'string' || typeof value === 'object' || value === undefined ? 7 : 'x';
      return {
        ...{
          method,
          what: `${name}: ${wrong}`,
          arg: encode({ ...arg, [name]: wrong }),
          fds: filesOf(method),
        },
        says: [`"code":"BAD_ARGUMENT"`, `argument of ${method}: ${name}`],
      };
    });
  }),
);

refused('too few files, and too many', ({ given }) =>
  all.flatMap((method) => {
    const { least, most } = methods[method].files ?? { least: 0, most: 0 };
    const arg = encode(examples[method].arg(given));
    const counts = [...(least > 0 ? [least - 1, 0] : []), ...(most < 128 ? [most + 1] : [])];
    return counts.map((count): Case => ({
      ...{ method, what: `${count} files`, arg, fds: several(count), says: ['"code":"FILES"'] },
    }));
  }),
);

/** A directory, a file that may only be read, and what is neither file nor pipe. */
const unfit = (): readonly (readonly [string, number])[] => [
  ['a directory', openSync('/', 'r')],
  ['a file to be read', openSync('/proc/version', 'r')],
  ['an eventfd', files.eventFd()],
];

refused('files of the wrong kind', ({ given }) =>
  all
    .filter((method) => examples[method].files?.includes('output') === true)
    .filter((method) => method !== 'containerManager.ExecuteAsync')
    .flatMap((method) =>
      unfit().map(([what, fd]): Case => ({
        ...{ method, what, arg: encode(examples[method].arg(given)), fds: [fd] },
        says: [method === 'containerManager.Checkpoint' ? '"code":"STATEFILE_FILE"' : '"code":"FILES"'],
      })),
    ),
);

/** They make it, or tell that it is not there in another way. */
const needsNone = new Set<MethodName>([
  ...(['containerManager.Create', 'containerManager.CreateSubcontainer', 'runstate.Create'] as const),
  'containerManager.ContainerRuntimeState',
]);

refused('an unknown container', ({ given }) =>
  all.flatMap((method) => {
    const arg = encode(examples[method].arg({ ...given, id: 'nobody' })).replaceAll('"sub"', '"nobody"');
    if (!arg.includes('nobody') || needsNone.has(method)) return [];
    return [{ method, what: 'nobody', arg, fds: filesOf(method), says: ['_NOT_FOUND"', '\\"nobody\\"'] }];
  }),
);

refused('an id that is none', () =>
  ['', 'a/b', '..', 'x'.repeat(2000)].flatMap((id): Case[] => [
    { method: 'containerManager.Create', what: id, arg: encode(id), says: ['"code":"INVALID_ID"'] },
    {
      ...{ method: 'containerManager.CreateSubcontainer', what: id, arg: encode({ CID: id }) },
      says: ['"code":"INVALID_ID"'],
    },
  ]),
);

refused('a state in which it is not taken', ({ given: { id } }) => {
  const wrong = (method: MethodName, arg: unknown, ...says: string[]): Case => ({
    ...{ method, what: 'wrong state', arg: encode(arg), fds: filesOf(method) },
    says: ['"code":"WRONG_STATE"', 'in state running', ...says],
  });
  const named = `\\"${id}\\"`;
  return [
    wrong('containerManager.Resume', null, 'cannot resume sandbox', named),
    wrong('Lifecycle.Resume', null, 'cannot resume sandbox', named),
    wrong('containerManager.StartRoot', id, 'cannot start container', named),
    wrong('runstate.Start', { CID: id }, 'cannot start container', named),
    wrong('runstate.ResumeContainer', { CID: id }, 'cannot resume container', named),
    wrong('containerManager.Restore', { SandboxID: id }, 'cannot restore sandbox', named),
    wrong('runstate.Restore', {}, 'cannot restore sandbox', named),
  ];
});

refused('values that mean nothing', ({ given: { id } }) => [
  {
    ...{ method: 'containerManager.Signal', what: 'signal 65' },
    arg: encode({ CID: id, Signo: 65, PID: 0, Mode: 0 }),
    says: ['"code":"BAD_SIGNAL"'],
  },
  {
    ...{ method: 'containerManager.Signal', what: 'mode 9' },
    arg: encode({ CID: id, Signo: 0, PID: 0, Mode: 9 }),
    says: ['unknown signal delivery mode: 9'],
  },
  {
    ...{ method: 'Logging.Change', what: 'level' },
    arg: '{"SetLevel":true,"Level":"loud"}',
    says: ['unknown level \\"loud\\"'],
  },
  {
    ...{ method: 'Logging.Change', what: 'packets' },
    arg: '{"SetLogPackets":true,"LogPackets":true}',
    says: ['logging packets is not possible here'],
  },
  {
    ...{ method: 'Profile.CPU', what: 'duration', arg: '{"duration":-1}', fds: several(1) },
    says: ['takes 0 to 3600 seconds'],
  },
  { method: 'Profile.StopCPUProfile', what: 'not begun', arg: 'null', says: ['CPU profiling not started'] },
  { method: 'Profile.StopTrace', what: 'not begun', arg: 'null', says: ['execution tracing not started'] },
  { method: 'Metrics.Export', what: 'pattern', arg: '{"only_metrics":"("}', says: ['only_metrics: '] },
  {
    ...{ method: 'Fs.Read', what: 'a device', arg: '{"path":"/dev/null"}', fds: several(1) },
    says: ['"code":"CONTAINER_FILE"', 'it is no regular file'],
  },
  {
    ...{ method: 'Fs.Read', what: 'outside', arg: '{"path":"/../../nosuch"}', fds: several(1) },
    says: ['"code":"CONTAINER_FILE"', 'ENOENT'],
  },
  {
    ...{ method: 'Fs.Read', what: 'relative', arg: '{"path":"etc/passwd"}', fds: several(1) },
    says: ['the path is not absolute'],
  },
]);
