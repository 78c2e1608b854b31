/** What a request for a network is read as. */
import test from 'ava';
import { formatIp, hasHostBits, parseIp, prefixOfMask } from '../../platforms/ip-address.ts';
import { networkRequest } from '../../transport/control/network-args.ts';

test('addresses are read and shown as Go and ip do', (t) => {
  for (const [text, shown] of [
    ['10.0.0.1', '10.0.0.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::', 'fe80::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
  ] as const) {
    const bytes = parseIp(text);
    t.is(bytes === undefined ? undefined : formatIp(bytes), shown, text);
  }
  for (const text of ['', '10.0.0', '10.0.0.256', 'fe80::1%eth0', '::1::', 'x'])
    t.is(parseIp(text), undefined, text);
});

test('masks and what is beyond them', (t) => {
  t.is(prefixOfMask([255, 255, 240, 0]), 20);
  t.is(prefixOfMask([0, 0, 0, 0]), 0);
  t.is(prefixOfMask([255, 255, 255, 255]), 32);
  t.is(prefixOfMask([255, 0, 255, 0]), undefined);
  t.false(hasHostBits([10, 1, 16, 0], 20));
  t.true(hasHostBits([10, 1, 17, 0], 20));
  t.false(hasHostBits([10, 1, 17, 1], 32));
  t.true(hasHostBits([1, 0, 0, 0], 0));
});

test('files go to interfaces in their order; a gateway of either release counts, one without an address is none', (t) => {
  const link = { MTU: 0, LinkAddress: undefined, Addresses: [], Routes: [] };
  const mapped = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0]);
  const via = (Gateway: string, IP = '0.0.0.0', Mask: Uint8Array | undefined = mapped) => ({
    ...{ Route: { Destination: { IP, Mask }, Gateway }, Name: 'b' },
  });
  const request = networkRequest(
    {
      LoopbackLinks: [],
      FDBasedLinks: [
        { ...link, Name: 'a', NumChannels: 2 },
        {
          ...link,
          Name: 'b',
          NumChannels: 1,
          Addresses: ['10.0.0.2', '::2', { Address: '10.0.0.3', PrefixLen: 24 }],
        },
      ],
      DefaultGateway: via(''),
      Defaultv4Gateway: via('10.0.0.1'),
      Defaultv6Gateway: via('fe80::1', '', undefined),
    },
    [7, 8, 9],
  );
  t.deepEqual(
    request.links.map(({ files }) => files),
    [[7, 8], [9]],
  );
  t.deepEqual(request.links[1]?.addresses, [
    { ip: '10.0.0.2', prefix: 32 },
    { ip: '::2', prefix: 128 },
    { ip: '10.0.0.3', prefix: 24 },
  ]);
  t.deepEqual(request.gateways, [
    { destination: { ip: '0.0.0.0', prefix: 0 }, gateway: '10.0.0.1', link: 'b' },
    { destination: { ip: '::', prefix: 0 }, gateway: 'fe80::1', link: 'b' },
  ]);
});
