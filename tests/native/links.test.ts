import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import test from 'ava';
import { isSystemError, links, sockets } from '../../native/index.ts';
import { has, ip, makeNetwork, makeWire, networkFile, whyNoWires } from '../control/wires.ts';

const cannot = whyNoWires();
if (cannot !== undefined) console.log(`interfaces behind descriptors are not tested: ${cannot}`);
const real = cannot === undefined ? test.serial : test.serial.skip;

real('a packet socket tells its interface and namespace, until the interface goes', (t) => {
  const wire = makeWire(t);
  for (const [fd, name, file] of [
    [links.openPacketSocket(wire.name), wire.name, '/proc/self/ns/net'],
    [links.openPacketSocket('far', { network: networkFile(wire.far) }), 'far', networkFile(wire.far)],
  ] as const) {
    t.is(links.packetInterface(fd), name);
    const network = links.socketNetwork(fd);
    t.is(fstatSync(network).ino, statSync(file).ino);
    closeSync(network);
    if (name === 'far') ip(undefined, 'link', 'del', wire.name);
    t.is(links.packetInterface(fd), name === 'far' ? undefined : name);
    closeSync(fd);
  }
});

real('what is none is told by the system’s codes', (t) => {
  const [one, other] = sockets.socketPair();
  const file = openSync('/dev/null', 'r');
  for (const [work, code] of [
    [() => links.packetInterface(one), 'EAFNOSUPPORT'],
    [() => links.packetInterface(file), 'ENOTSOCK'],
    [() => links.tunInterface(file), 'ENOTTY'],
    [() => links.tunInterface(one), 'ENOTTY'],
    [() => links.tunNetwork(file), 'ENOTTY'],
    [() => links.openPacketSocket('no-such-link'), 'ENODEV'],
    [() => links.openPacketSocket('longer-than-any-is'), 'ENAMETOOLONG'],
    [() => links.openPacketSocket('lo', { network: '/no/such' }), 'ENOENT'],
    [() => links.openPacketSocket('lo', { network: '/dev/null' }), 'EINVAL'],
  ] as const) {
    const error = t.throws(work);
    t.true(isSystemError(error, code), String(error));
  }
  for (const fd of [one, other, file]) closeSync(fd);
});

real('a TAP device is made in the namespace that is asked for, and goes with its descriptor', (t) => {
  const network = makeNetwork(t);
  const name = `rs${process.pid}tn`;
  let fd: number;
  try {
    fd = links.openTap(name, { network: networkFile(network) });
  } catch (error) {
    t.true(isSystemError(error, 'ENOENT'), String(error));
    t.log('there is no /dev/net/tun');
    return;
  }
  t.deepEqual(links.tunInterface(fd), { name, isTap: true });
  const held = links.tunNetwork(fd);
  t.is(fstatSync(held).ino, statSync(networkFile(network)).ino);
  t.true(has(network, name));
  closeSync(held);
  closeSync(fd);
  t.false(has(network, name));
});
