/** What a sandbox's network is given. */
import { isError } from '../../../errors/index.ts';
import type { FileLink, Link, NetworkRequest } from '../../../platforms/network.ts';
import { openFiles } from '../linux/support/remains.ts';
import { soon } from '../../support/waiting.ts';
import { open, type Declare, type Subject } from './subject.ts';

const all = { ip: '0.0.0.0', prefix: 0 };
const loopback: Link = {
  name: 'lo',
  addresses: [
    { ip: '127.0.0.1', prefix: 32 },
    { ip: '::1', prefix: 128 },
  ],
  routes: [{ destination: { ip: '127.0.0.0', prefix: 8 }, gateway: undefined }],
};

const request = (more: Partial<NetworkRequest> = {}): NetworkRequest => ({
  ...{ loopbacks: [loopback], links: [], gateways: [] },
  ...more,
});

const linkOf = (file: number, more: Partial<FileLink> = {}): FileLink => ({
  name: 'eth0',
  addresses: [{ ip: '10.7.7.2', prefix: 24 }],
  routes: [],
  files: [file],
  mtu: 1400,
  linkAddress: '02:00:00:07:07:02',
  ...more,
});

const gatewayOf = (link: string) => ({ destination: all, gateway: '10.7.7.1', link });

export function networks(test: Declare, subject: Subject): void {
  const { programs, name } = subject;

  test(`${name}: what is asked of the loopback may be asked again, with and without containers`, async (t) => {
    const { id, sandbox, run } = await open(t, subject);
    for (let times = 0; times < 2; times++) await sandbox.network(request(), soon());
    await run(id, programs.forever);
    await sandbox.network(request(), soon());
    await sandbox.network({ loopbacks: [], links: [], gateways: [] }, soon());
    await sandbox.network(request(), soon());
    t.is((await sandbox.processes(id)).length, 1);
  });

  test(`${name}: a network that cannot be is refused, and then one that can be is taken, once`, async (t) => {
    const { id, sandbox } = await open(t, subject);
    const [file, other] = [subject.makeLink(t), subject.makeLink(t)];
    const link = linkOf(file);
    for (const [wrong, why] of [
      [{ links: [link, linkOf(other)] }, /two interfaces "eth0"/],
      [{ links: [linkOf(file, { name: 'lo' })] }, /two interfaces "lo"/],
      [{ loopbacks: [], links: [linkOf(file, { name: 'lo' })] }, /"lo" is the loopback interface/],
      [{ loopbacks: [{ ...loopback, name: 'lo1' }] }, /"lo", not "lo1"/],
      [{ links: [linkOf(file, { name: '' })] }, /"" is no name/],
      [{ links: [linkOf(file, { name: 'sixteen-bytes-it' })] }, /is no name/],
      [{ links: [linkOf(file, { files: [] })] }, /no file came/],
      [{ links: [link], gateways: [gatewayOf('eth1')] }, /^invalid interface name "eth1" for default route$/],
      [{ gateways: [gatewayOf('eth0')] }, /^invalid interface name "eth0" for default route$/],
    ] as const) {
      const error = await t.throwsAsync(sandbox.network(request(wrong), soon()));
      t.true(isError(error, 'INVALID_ARGUMENT'), String(error));
      t.regex(error.message, why);
    }
    await sandbox.network(request({ links: [link], gateways: [gatewayOf('eth0')] }), soon());
    for (const more of [{ links: [linkOf(other, { name: 'eth1' })] }, { gateways: [gatewayOf('lo')] }]) {
      const error = await t.throwsAsync(sandbox.network(request(more), soon()));
      t.true(isError(error, 'NETWORK_ONCE'), String(error));
      t.true(error.message.includes(`sandbox "${id}"`));
    }
    await sandbox.network(request(), soon());
  });

  test(`${name}: of two networks at once one is taken; closing gives all back, and nothing stays open`, async (t) => {
    const [one, two] = [subject.makeLink(t), subject.makeLink(t)];
    const before = openFiles();
    const opened = await open(t, subject);
    const { sandbox, id, run } = opened;
    await run(id, programs.forever);
    const outcomes = await Promise.allSettled(
      [one, two].map((file) => sandbox.network(request({ links: [linkOf(file)] }), soon())),
    );
    t.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    const [lost] = outcomes.flatMap((outcome): unknown[] =>
      outcome.status === 'rejected' ? [outcome.reason] : [],
    );
    t.true(isError(lost, 'NETWORK_ONCE'), String(lost));
    await sandbox.close(soon());
    t.deepEqual(subject.remains(opened), []);
    t.is(openFiles(), before);
  });

  test(`${name}: a network that nobody waits for any more is not taken`, async (t) => {
    const { sandbox } = await open(t, subject);
    const links = [linkOf(subject.makeLink(t))];
    const error = await t.throwsAsync(sandbox.network(request({ links }), AbortSignal.abort()));
    t.true(isError(error, 'CANCELLED'), String(error));
    await sandbox.network(request({ links }), soon());
  });
}
