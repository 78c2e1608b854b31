import {
  isV6,
  loopbackName,
  type Address,
  type FileLink,
  type NetworkRequest,
  type Route,
} from '../../network.ts';
import { readInterfaces, readRoutes, type RouteState } from './interface-state.ts';
import { ipBatch, type Command, type Where } from './ip-command.ts';

/** A route and its interface. */
type LinkRoute = Route & { readonly link: string };

/**
 * Gives the sandbox's interfaces, which are there, their addresses and routes. What is there already is left as it is.
 * @param undo gets the commands that take from the loopback what is given to it; what moved interfaces get goes with them
 * @param sandbox where they are
 * @throws RunstateError as `ip`
 */
export async function configure(request: NetworkRequest, undo: Command[], sandbox: Where): Promise<void> {
  const addresses = await missingLoopbackAddresses(request, sandbox);
  undo.push(...addresses.map((address) => addressCommand('del', address, loopbackName)));
  await ipBatch(
    [
      ...addresses.map((address) => addressCommand('add', address, loopbackName)),
      ...request.links.flatMap(linkCommands),
    ],
    sandbox,
  );
  const routes = await missingRoutes(request, sandbox);
  undo.push(...routes.filter(({ link }) => link === loopbackName).map((route) => routeCommand('del', route)));
  await ipBatch(
    routes.map((route) => routeCommand('add', route)),
    sandbox,
  );
}

/** True for what the kernel gives every loopback interface by itself: there is nothing to be done then. */
export function isByItself({ loopbacks, links, gateways }: NetworkRequest): boolean {
  const networks = ['127.0.0.0/8', '::1', '127.0.0.1'];
  return (
    links.length + gateways.length === 0 &&
    loopbacks.every(
      ({ addresses, routes }) =>
        addresses.every(({ ip }) => ip === '127.0.0.1' || ip === '::1') &&
        routes.every(
          ({ destination, gateway }) => gateway === undefined && networks.includes(network(destination)),
        ),
    )
  );
}

async function missingLoopbackAddresses(
  { loopbacks }: NetworkRequest,
  sandbox: Where,
): Promise<readonly Address[]> {
  const wanted = loopbacks.flatMap(({ addresses }) => addresses);
  if (wanted.length === 0) return [];
  const loopback = (await readInterfaces(sandbox)).find(({ ifname }) => ifname === loopbackName);
  const there = new Set(loopback?.addresses.map(({ local }) => local));
  return firstOfEach(wanted, ({ ip }) => ip).filter(({ ip }) => !there.has(ip));
}

function linkCommands({ name, mtu, linkAddress, addresses }: FileLink): readonly Command[] {
  const set = (...words: readonly string[]): Command => ['link', 'set', 'dev', name, ...words];
  return [
    ...(mtu === undefined ? [] : [set('mtu', String(mtu))]),
    ...(linkAddress === undefined ? [] : [set('address', linkAddress)]),
    ['addr', 'flush', 'dev', name],
    set('up'),
    ...firstOfEach(addresses, ({ ip }) => ip).map((address) => addressCommand('add', address, name)),
  ];
}

/** A v6 address is used at once: that it is no other's is the business of whoever gave it. */
const addressCommand = (verb: 'add' | 'del', { ip, prefix }: Address, name: string): Command => [
  ...['addr', verb, `${ip}/${prefix}`, 'dev', name],
  ...(verb === 'add' && isV6(ip) ? ['nodad'] : []),
];

/** Those that the kernel has not made by itself from the addresses; direct ones first, by which gateways are reached. */
async function missingRoutes(
  { loopbacks, links, gateways }: NetworkRequest,
  sandbox: Where,
): Promise<readonly LinkRoute[]> {
  const ofLinks = [...loopbacks, ...links].flatMap(({ name, routes }) =>
    routes.map((route) => ({ ...route, link: name })),
  );
  const wanted: readonly LinkRoute[] = [...ofLinks, ...gateways];
  if (wanted.length === 0) return [];
  const there = new Set((await readRoutes(sandbox)).map(keyOfState));
  const missing = firstOfEach(wanted, keyOf).filter((route) => !there.has(keyOf(route)));
  return [
    ...missing.filter(({ gateway }) => gateway === undefined),
    ...missing.filter(({ gateway }) => gateway !== undefined),
  ];
}

/** The original asks no gateway whether it is on a network of the interface: nor is the kernel let ask. */
const routeCommand = (verb: 'add' | 'del', { destination, gateway, link }: LinkRoute): Command => [
  ...['route', verb, `${destination.ip}/${destination.prefix}`],
  ...(gateway === undefined ? [] : ['via', gateway]),
  ...['dev', link],
  ...(gateway === undefined ? [] : ['onlink']),
];

/** As ip shows it: without the prefix where that is the whole. */
const network = ({ ip, prefix }: Address): string =>
  prefix === (isV6(ip) ? 128 : 32) ? ip : `${ip}/${prefix}`;

const keyOf = ({ destination, gateway, link }: LinkRoute): string =>
  `${network(destination)} ${gateway ?? ''} ${link}`;

const keyOfState = ({ dst, gateway, dev }: RouteState): string => `${dst} ${gateway ?? ''} ${dev}`;

function firstOfEach<T>(all: readonly T[], key: (one: T) => string): readonly T[] {
  const seen = new Map<string, T>();
  for (const one of all) if (!seen.has(key(one))) seen.set(key(one), one);
  return [...seen.values()];
}
