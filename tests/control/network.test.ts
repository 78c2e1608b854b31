/** Network.CreateLinksAndRoutes over the real control socket, with real interfaces. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { files as nativeFiles, links, sockets } from '../../native/index.ts';
import { errorCodeOf, type CreateLinksAndRoutesArgs, type WireFdLink } from '../../transport/client/index.ts';
import { openFiles } from '../platforms/linux/support/remains.ts';
import { until } from '../support/waiting.ts';
import { real, refusal, withSandbox, type Bench } from './support.ts';
import {
  busybox,
  has,
  ip,
  ipInside,
  makeNetwork,
  makeWire,
  networkFile,
  output,
  socketsOf,
  whyNoWires,
} from './wires.ts';

const cannot = whyNoWires();
if (cannot !== undefined) console.log(`tests of given interfaces are skipped: ${cannot}`);
const serial = cannot === undefined && real === test ? test.serial : test.serial.skip;

const method = 'Network.CreateLinksAndRoutes';
const bytes = (...all: readonly number[]): Uint8Array => Uint8Array.from(all);
const mask24 = bytes(255, 255, 255, 0);

const loopback = {
  Name: 'lo',
  Addresses: ['127.0.0.1', '::1'],
  Routes: [
    { Destination: { IP: '127.0.0.0', Mask: bytes(255, 0, 0, 0) }, Gateway: '' },
    { Destination: { IP: '::1', Mask: new Uint8Array(16).fill(255) }, Gateway: '' },
  ],
};

const link = (more: Partial<WireFdLink> = {}): WireFdLink => ({
  Name: 'eth0',
  MTU: 1400,
  Addresses: [
    { Address: '10.7.7.2', PrefixLen: 24 },
    { Address: 'fd07::2', PrefixLen: 64 },
  ],
  Routes: [{ Destination: { IP: '10.7.7.0', Mask: mask24 }, Gateway: '' }],
  LinkAddress: bytes(2, 0, 0, 7, 7, 2),
  NumChannels: 1,
  ...more,
});

const gateway = (Name: string, Gateway = '10.7.7.1') => ({
  Route: { Destination: { IP: '0.0.0.0', Mask: bytes(0, 0, 0, 0) }, Gateway },
  Name,
});

const args = (more: Partial<CreateLinksAndRoutesArgs> = {}): CreateLinksAndRoutesArgs => ({
  LoopbackLinks: [loopback],
  FDBasedLinks: [link()],
  ...more,
});

const give = ({ client }: Bench, what: CreateLinksAndRoutesArgs, files: readonly number[]): Promise<null> =>
  client.call(method, what, { files });

/** Serves one connection on an address of the far end with a word. */
function servesAt(t: ExecutionContext, far: string, port: number, word: string): Promise<void> {
  const child = spawn(
    'ip',
    ['netns', 'exec', far, busybox, 'nc', '-l', '-p', String(port), '-e', 'echo', word],
    {
      stdio: 'ignore',
    },
  );
  t.teardown(() => child.kill('SIGKILL'));
  return until(() => ipHasListener(far, port), 'nobody listens');
}

const ipHasListener = (far: string, port: number): boolean =>
  ip(undefined, 'netns', 'exec', far, busybox, 'netstat', '-ltn').includes(`:${port} `);

serial('an interface is given before there is a container: v4, v6, MTU, address and default routes', (t) =>
  withSandbox(t, async (bench) => {
    const { id, run } = bench;
    const wire = makeWire(t);
    await give(
      bench,
      args({
        DefaultGateway: gateway('eth0'),
        Defaultv6Gateway: {
          Route: { Destination: { IP: '::', Mask: new Uint8Array(16) }, Gateway: 'fd07::1' },
          Name: 'eth0',
        },
      }),
      socketsOf(t, wire),
    );
    t.false(has(undefined, wire.name));
    await run(id, 'while :; do nc -l -p 7000 -e echo inside; done');
    const shown = await output(
      bench,
      id,
      'cat /sys/class/net/eth0/mtu /sys/class/net/eth0/address; ip route; ip -6 route',
    );
    t.regex(shown, /^1400\n02:00:00:07:07:02\n/);
    t.regex(shown, /^default via 10\.7\.7\.1 dev eth0/m);
    t.regex(shown, /^default via fd07::1 dev eth0/m);
    t.is(shown.match(/^10\.7\.7\.0\/24 dev eth0/gm)?.length, 1);
    for (const [i, address] of ['10.7.7.1', 'fd07::1'].entries()) {
      await servesAt(t, wire.far, 7100 + i, `far-${i}`);
      t.is(await output(bench, id, `nc ${address} ${7100 + i}`), `far-${i}\n`);
    }
    t.is(ip(undefined, 'netns', 'exec', wire.far, busybox, 'nc', '10.7.7.2', '7000'), 'inside\n');
  }),
);

serial(
  'in the form of 2019, while a container runs, of a namespace of its client’s, by several channels',
  (t) =>
    withSandbox(t, async (bench) => {
      const { id, run } = bench;
      await run(id);
      const wire = makeWire(t, makeNetwork(t));
      const given = link({
        Name: 've-1',
        MTU: 0,
        LinkAddress: undefined,
        Addresses: ['10.7.7.9'],
        NumChannels: 3,
      });
      await give(
        bench,
        args({ FDBasedLinks: [given], DefaultGateway: gateway('ve-1') }),
        socketsOf(t, wire, 3),
      );
      await servesAt(t, wire.far, 7200, 'far');
      t.is(await output(bench, id, 'nc 10.7.7.1 7200'), 'far\n');
      t.regex(ipInside(bench, 'addr', 'show', 'dev', 've-1'), /mtu 1500[^]*inet 10\.7\.7\.9\/32/);
      t.false(has(wire.network, wire.name));
    }),
);

serial('the sandbox’s end gives interfaces back as they were; nothing is left open or pinned', async (t) => {
  const before = openFiles();
  const origin = makeNetwork(t);
  const wire = makeWire(t, origin);
  ip(origin, 'addr', 'add', '10.7.7.5/24', 'dev', wire.name);
  ip(origin, 'addr', 'add', 'fd07::5/64', 'dev', wire.name, 'nodad');
  ip(origin, 'link', 'set', wire.name, 'up', 'mtu', '1480');
  ip(origin, 'route', 'add', 'default', 'via', '10.7.7.1');
  ip(origin, 'route', 'add', 'default', 'via', 'fd07::1', 'dev', wire.name);
  const look = (): string =>
    ['addr', 'route', '-6 route']
      .map((what) => ip(origin, ...what.split(' '), 'show', 'dev', wire.name))
      .join('');
  await until(() => !look().includes('tentative'), 'no address of its own');
  const was = look();
  const [fd = -1] = socketsOf(t, wire);
  let pinned = '';
  await withSandbox(t, async (bench) => {
    await bench.run(bench.id);
    await give(bench, args({ DefaultGateway: gateway('eth0') }), [fd]);
    // A program may call it otherwise: it is known by more than its name.
    ipInside(bench, 'link', 'set', 'eth0', 'down');
    ipInside(bench, 'link', 'set', 'eth0', 'name', 'other');
    pinned = `${bench.root}/sandboxes/${bench.id}/platform/netns`;
  });
  await until(() => !look().includes('tentative'), 'no address of its own');
  const words = (text: string): readonly string[] =>
    text
      .replace(/^\d+: /, '')
      .split(/\s+/)
      .toSorted();
  t.deepEqual(words(look()), words(was));
  t.false(existsSync(pinned));
  // The test's own socket, and what asynchronous closing takes.
  await until(() => openFiles() === before + 1, `descriptors: ${openFiles()}, were ${before + 1}`);
});

serial('an interface whose name has been taken meanwhile is given back by another', async (t) => {
  const origin = makeNetwork(t);
  const wire = makeWire(t, origin);
  await withSandbox(t, async (bench) => {
    await give(bench, args(), socketsOf(t, wire));
    ip(origin, 'link', 'add', wire.name, 'type', 'veth', 'peer', 'name', 'another');
  });
  t.regex(ip(origin, 'link'), / rs\d+@/);
});

serial('loopback alone changes nothing and may be asked again and again; more addresses are added', (t) =>
  withSandbox(t, async (bench) => {
    const { id, run } = bench;
    const none = { DefaultGateway: gateway('', ''), FDBasedLinks: [] };
    await give(bench, args(none), []);
    await run(id);
    const was = ipInside(bench, 'addr');
    await give(bench, args(none), []);
    t.is(ipInside(bench, 'addr'), was);
    const more = { ...loopback, Addresses: ['127.0.0.1', '10.9.9.9', { Address: 'fd09::9', PrefixLen: 64 }] };
    for (let times = 0; times < 2; times++) await give(bench, args({ ...none, LoopbackLinks: [more] }), []);
    t.regex(ipInside(bench, 'addr', 'show', 'dev', 'lo'), /inet 10\.9\.9\.9\/32 [^]*inet6 fd09::9\/64 /);
    t.is(
      await refusal(t, give(bench, args({ ...none, LoopbackLinks: [{ ...loopback, Name: 'lo1' }] }), [])),
      'the loopback interface is "lo", not "lo1"',
    );
  }),
);

serial('once only, also of two at once; and what failed may be asked again', (t) =>
  withSandbox(t, async (bench) => {
    const { id } = bench;
    const [one, two] = [makeWire(t), makeWire(t)];
    const [first, second] = [socketsOf(t, one), socketsOf(t, two)];
    await t.throwsAsync(give(bench, args({ FDBasedLinks: [link({ MTU: 1 })] }), first));
    t.true(has(undefined, one.name));
    const again = socketsOf(t, one);
    const outcomes = await Promise.allSettled([give(bench, args(), again), give(bench, args(), second)]);
    t.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    t.is(Number(has(undefined, one.name)) + Number(has(undefined, two.name)), 1);
    const late = await t.throwsAsync(give(bench, args(), second));
    t.is(
      late.message,
      `cannot set up the network of sandbox "${id}": it has been set up, which is done once only`,
    );
    t.is(errorCodeOf(late), 'NETWORK_ONCE');
    // What runsc sends before each start.
    await give(bench, args({ FDBasedLinks: [] }), []);
  }),
);

serial('a failure half-way leaves every interface where and as it was', (t) =>
  withSandbox(t, async (bench) => {
    const [one, two] = [makeWire(t), makeWire(t, makeNetwork(t))];
    ip(undefined, 'addr', 'add', '10.7.8.1/24', 'dev', one.name);
    ip(undefined, 'link', 'set', one.name, 'up');
    const fds = [...socketsOf(t, one), ...socketsOf(t, two)];
    // The kernel takes no multicast address for an interface's own: it is found out late.
    const bad = link({ Name: 'eth1', Addresses: [], Routes: [], LinkAddress: bytes(1, 0, 0, 0, 0, 1) });
    const more = { ...loopback, Addresses: ['10.9.9.9'] };
    const was = ipInside(bench, 'route', 'show', 'table', 'all') + ipInside(bench, '-br', 'addr');
    const said = await refusal(
      t,
      give(bench, args({ LoopbackLinks: [more], FDBasedLinks: [link(), bad] }), fds),
    );
    t.regex(said, /^ip link set dev eth1 address 01:00:00:00:00:01: RTNETLINK answers: /);
    t.regex(ip(undefined, 'addr', 'show', 'dev', one.name), /[<,]UP[,>][^]*mtu 1500[^]*inet 10\.7\.8\.1\/24/);
    t.true(has(two.network, two.name));
    t.is(ipInside(bench, 'route', 'show', 'table', 'all') + ipInside(bench, '-br', 'addr'), was);
  }),
);

serial('files that stand for no interface are told by their index and what they are', (t) =>
  withSandbox(t, async (bench) => {
    const wire = makeWire(t);
    const [good = -1] = socketsOf(t, wire);
    const open: number[] = [];
    t.teardown(() => open.forEach((fd) => closeSync(fd)));
    const opened = (...fds: readonly number[]): number => {
      open.push(...fds);
      return fds[0] ?? -1;
    };
    const { read, write } = nativeFiles.pipe();
    const gone = makeWire(t);
    const [unbound = -1] = socketsOf(t, gone);
    ip(undefined, 'link', 'del', gone.name);
    for (const [fd, what] of [
      [opened(read, write), 'a pipe'],
      [opened(openSync('/etc/passwd', 'r')), 'a regular file'],
      [opened(openSync('/', 'r')), 'a directory'],
      [opened(openSync('/dev/null', 'r')), 'a character device'],
      [opened(...sockets.socketPair()), 'a socket, but no packet socket'],
      [unbound, 'a packet socket that is bound to no interface'],
    ] as const)
      t.is(
        await refusal(t, give(bench, args({ FDBasedLinks: [link({ NumChannels: 2 })] }), [good, fd])),
        `file 1, of interface "eth0", is ${what}: ` +
          'wanted is a packet socket that is bound to an interface, or a TAP device',
      );
    const other = makeWire(t);
    t.is(
      await refusal(
        t,
        give(bench, args({ FDBasedLinks: [link({ NumChannels: 2 })] }), [good, ...socketsOf(t, other)]),
      ),
      `file 1, of interface "eth0": it stands for interface "${other.name}", file 0 for "${wire.name}"`,
    );
    t.is(
      await refusal(
        t,
        give(bench, args({ FDBasedLinks: [link(), link({ Name: 'eth1' })] }), [good, ...socketsOf(t, wire)]),
      ),
      `file 1, of interface "eth1": interface "${wire.name}" is another link's already`,
    );
    t.regex(
      await refusal(t, give(bench, args(), [opened(links.openPacketSocket('lo'))])),
      /it stands for a loopback interface/,
    );
    for (const name of [wire.name, other.name]) t.true(has(undefined, name));
  }),
);

serial('arguments that are wrong are refused before anything is done', (t) =>
  withSandbox(t, async (bench) => {
    const wire = makeWire(t);
    const fds = socketsOf(t, wire);
    const says = (more: Partial<CreateLinksAndRoutesArgs>, files = fds): Promise<string> =>
      refusal(t, give(bench, args(more), files));
    const route = (IP: string, Mask: Uint8Array | undefined, Gateway = '') => ({
      FDBasedLinks: [link({ Routes: [{ Destination: { IP, Mask }, Gateway }] })],
    });
    t.is(await says({}, []), "args.FilePayload.Files has 0 FD's but we need 1 entries based on FDBasedLinks");
    t.is(
      await says({ FDBasedLinks: [] }),
      "args.FilePayload.Files has 1 FD's but we need 0 entries based on FDBasedLinks",
    );
    t.is(await says({ DefaultGateway: gateway('eth7') }), 'invalid interface name "eth7" for default route');
    t.is(await says({ FDBasedLinks: [link({ Addresses: ['10.7.7'] })] }), '"10.7.7" is no IP address');
    t.is(
      await says({ FDBasedLinks: [link({ Addresses: [{ Address: '10.7.7.1', PrefixLen: 33 }] })] }),
      '10.7.7.1 has no prefix of 33 bits',
    );
    t.regex(await says(route('10.7.7.1', mask24)), /subnet address has bits set outside the mask/);
    t.regex(await says(route('10.7.7.0', undefined)), /subnet length of the address and mask differ/);
    t.regex(await says(route('10.7.7.0', bytes(255, 0, 255, 0))), /ones after zeros/);
    t.regex(await says(route('10.7.7.0', mask24, 'fd07::1')), /is of the other family/);
    t.regex(await says({ FDBasedLinks: [link({ Name: 'a b' })] }), /"a b" is no name of an interface/);
    t.regex(await says({ FDBasedLinks: [link({ Name: 'lo' })] }), /two interfaces "lo"/);
    t.regex(await says({ FDBasedLinks: [link({ MTU: -1 })] }), /-1 is no MTU/);
    t.regex(await says({ FDBasedLinks: [link({ LinkAddress: bytes(1) })] }), /has 6 bytes, not 1/);
    t.regex(
      await says({ FDBasedLinks: [link(), link({ Name: 'eth1', NumChannels: 0 })] }),
      /no file came for interface "eth1"/,
    );
    t.true(has(undefined, wire.name));
  }),
);

serial('a paused sandbox’s network is not changed; a client that goes away changes nothing', (t) =>
  withSandbox(t, async (bench) => {
    const { client, id, run } = bench;
    await run(id);
    const wire = makeWire(t);
    await client.call('containerManager.Pause', null);
    t.is(
      await refusal(t, give(bench, args(), socketsOf(t, wire))),
      `cannot set up the network of sandbox "${id}" in state paused`,
    );
    await client.call('containerManager.Resume', null);
    let isGiven = false;
    for (const delay of [2, 8, 15]) {
      if (isGiven) break;
      const abort = new AbortController();
      const given = client.call(method, args(), { files: socketsOf(t, wire), signal: abort.signal });
      setTimeout(() => abort.abort(), delay);
      // It may have been quicker.
      isGiven = await given.then(
        () => true,
        () => false,
      );
      if (!isGiven) await until(() => has(undefined, wire.name), 'it was not given back');
    }
    if (!isGiven) await untilTaken(() => give(bench, args(), socketsOf(t, wire)));
    t.false(has(undefined, wire.name));
  }),
);

/** What was cancelled is still being taken back when its client knows of it: the interface may go once more. */
async function untilTaken(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await work();
      return;
    } catch (error) {
      if (tries === 20) throw error;
      await after(50);
    }
  }
}

const tap = existsSync('/dev/net/tun') ? serial : test.serial.skip;
if (!existsSync('/dev/net/tun')) console.log('TAP devices are not tested: there is no /dev/net/tun');

tap('a TAP device lives as long as the sandbox, also when its maker has closed it', async (t) => {
  const origin = makeNetwork(t);
  const name = `rs${process.pid}tap`;
  const fd = links.openTap(name, { network: networkFile(origin) });
  await withSandbox(t, async (bench) => {
    await give(bench, args(), [fd]);
    closeSync(fd);
    t.regex(ipInside(bench, 'addr', 'show', 'dev', 'eth0'), /02:00:00:07:07:02[^]*10\.7\.7\.2\/24/);
    t.false(has(origin, name));
  });
  await until(() => !has(origin, name), 'it outlives its last descriptor');
});

tap('a TAP device whose maker holds it is given back to it', async (t) => {
  const origin = makeNetwork(t);
  const name = `rs${process.pid}tap2`;
  const fd = links.openTap(name, { network: networkFile(origin) });
  t.teardown(() => closeSync(fd));
  await withSandbox(t, (bench) => give(bench, args(), [fd]).then(() => undefined));
  t.true(has(origin, name));
});
