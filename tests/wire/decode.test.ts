/** Every recorded request is decoded by the table of methods. */
import test from 'ava';
import { JsonReader } from '../../transport/codec/index.ts';
import { isMethodName, methods } from '../../transport/methods/index.ts';
import { readRequest } from '../../transport/server/dispatch.ts';
import { calls2019, lives2019, methodOf, requests2022 } from './recordings.ts';

/** Reads and decodes a request as the server does. Undefined when there is no such method. */
function decode(text: string, files: number): { readonly arg: unknown } | undefined {
  const [read, ...more] = new JsonReader().push(Buffer.from(text));
  if (read?.kind !== 'value' || more.length > 0) throw new Error(`not one value: ${text}`);
  const request = readRequest(read.value);
  if (request instanceof Error) throw request;
  const { method, arg } = request;
  if (!isMethodName(method)) return undefined;
  if (arg === undefined) throw new Error(`no argument: ${text}`);
  const decoded = methods[method].arg.decode(arg);
  const { least, most } = methods[method].files ?? { least: 0, most: 0 };
  if (files < least || files > most) throw new Error(`${method} does not take ${files} files`);
  return { arg: decoded };
}

test('2019: all requests decode', (t) => {
  const count: Record<string, number> = {};
  for (const { request, files } of calls2019) {
    t.truthy(decode(request, files.length), request);
    const method = methodOf(request);
    count[method] = (count[method] ?? 0) + 1;
  }
  t.is(calls2019.length, 109);
  t.is(lives2019.length, 10);
  // SignalProcess is older than what was recorded.
  t.deepEqual(count, {
    'Logging.Change': 2,
    'Network.CreateLinksAndRoutes': 1,
    'Profile.HeapProfile': 1,
    'Profile.StartCPUProfile': 1,
    'Profile.StartTrace': 1,
    'Profile.StopCPUProfile': 1,
    'Profile.StopTrace': 1,
    'debug.Stacks': 1,
    'containerManager.Create': 1,
    'containerManager.Destroy': 1,
    'containerManager.Event': 3,
    'containerManager.ExecuteAsync': 9,
    'containerManager.Pause': 2,
    'containerManager.Processes': 5,
    'containerManager.Resume': 1,
    'containerManager.Signal': 58,
    'containerManager.Start': 1,
    'containerManager.StartRoot': 4,
    'containerManager.Wait': 5,
    'containerManager.WaitPID': 10,
  });
});

test('2019: what the requests say is what is decoded', (t) => {
  const [exec] = calls2019.filter(({ command, files }) => command === 'exec-opts' && files.length === 3);
  t.deepEqual(decode(exec?.request ?? '', 3)?.arg, {
    filename: '',
    argv: ['/bin/sh', '-c', 'exit 7'],
    envv: ['FOO=bar', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
    wd: '/tmp',
    KUID: 1000,
    KGID: 1001,
    ExtraKGIDs: [5],
    Capabilities: {
      PermittedCaps: 0n,
      InheritableCaps: 0n,
      EffectiveCaps: 0n,
      BoundingCaps: 0n,
      AmbientCaps: 0n,
    },
    StdioIsPty: false,
    ContainerID: 'c1',
  });
  const [all] = calls2019.filter(({ command }) => command === 'kill-all').slice(1);
  t.deepEqual(decode(all?.request ?? '', 0)?.arg, { CID: 'c1', Signo: 9, PID: 0, Mode: 1 });
});

test('2022: the requests that use our names decode, and these are the names that we do not have', (t) => {
  const known = new Set<string>();
  const unknown = new Set<string>();
  for (const { request, files } of requests2022) {
    const method = methodOf(request);
    (decode(request, files) === undefined ? unknown : known).add(method);
  }
  t.is(known.size, 23);
  // Profiles of what Node does not have, shared memory for counters, and trace sessions.
  t.deepEqual([...unknown].sort(), [
    'Profile.Block',
    'Profile.Mutex',
    'Usage.UsageFD',
    'containerManager.ListTraceSessions',
  ]);
});

const none = { Route: { Destination: { IP: '' }, Gateway: '' }, Name: '' };

test('2022: the loopback that runsc asks for before each start', (t) => {
  const found = requests2022.find(({ request }) => methodOf(request) === 'Network.CreateLinksAndRoutes');
  const { arg } = decode(found?.request ?? '', found?.files ?? 0) ?? {};
  t.like(arg, {
    LoopbackLinks: [
      {
        Name: 'lo',
        Addresses: [
          { Address: '127.0.0.1', PrefixLen: 8 },
          { Address: '::1', PrefixLen: 128 },
        ],
      },
    ],
    FDBasedLinks: [],
    Defaultv4Gateway: none,
    Defaultv6Gateway: none,
  });
});

// The recordings of 2019 were made without a network: this is what its Go types marshal to, field by field.
test('2019: an interface with its addresses, routes and gateway', (t) => {
  const text =
    '{"method":"Network.CreateLinksAndRoutes","arg":{"LoopbackLinks":[{"Name":"lo","Addresses":["127.0.0.1","::1"],' +
    '"Routes":[{"Destination":{"IP":"127.0.0.0","Mask":"/wAAAA=="},"Gateway":""}]}],"FDBasedLinks":[{"Name":"eth0",' +
    '"MTU":1500,"Addresses":["172.17.0.2"],"Routes":[{"Destination":{"IP":"172.17.0.0","Mask":"//8AAA=="},' +
    '"Gateway":""}],"GSOMaxSize":65536,"SoftwareGSOEnabled":false,"TXChecksumOffload":false,' +
    '"RXChecksumOffload":true,"LinkAddress":"AkKsEQAC","QDisc":1,"NumChannels":1,"Later":{"a":[1]}}],' +
    '"DefaultGateway":{"Route":{"Destination":{"IP":"0.0.0.0","Mask":"AAAAAAAAAAAAAP//AAAAAA=="},' +
    '"Gateway":"172.17.0.1"},"Name":"eth0"}}}';
  const { arg } = decode(text, 1) ?? {};
  t.like(arg, {
    LoopbackLinks: [{ Name: 'lo', Addresses: ['127.0.0.1', '::1'] }],
    FDBasedLinks: [
      {
        ...{ Name: 'eth0', MTU: 1500, Addresses: ['172.17.0.2'], QDisc: 1, NumChannels: 1 },
        LinkAddress: Buffer.from('0242ac110002', 'hex'),
      },
    ],
    DefaultGateway: { Route: { Gateway: '172.17.0.1' }, Name: 'eth0' },
  });
  const empty = '{"method":"Network.CreateLinksAndRoutes","arg":{"LoopbackLinks":null,"FDBasedLinks":null}}';
  t.deepEqual(decode(empty, 0)?.arg, { LoopbackLinks: [], FDBasedLinks: [] });
});
