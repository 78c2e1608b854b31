import { RunstateError } from '../../errors/index.ts';
import {
  formatIp,
  hasHostBits,
  parseIp,
  prefixOfMask,
  unmapped,
  type IpBytes,
} from '../../platforms/ip-address.ts';
import type {
  Address,
  DefaultRoute,
  FileLink,
  Link,
  NetworkRequest,
  Route,
} from '../../platforms/network.ts';
import type {
  CreateLinksAndRoutesArgs,
  WireAddress,
  WireDefaultRoute,
  WireFdLink,
  WireLink,
  WireRoute,
} from '../methods/index.ts';

/**
 * What is asked for, with its addresses read and each file given to its interface. The words about networks are the
 * original's (NewSubnet of gVisor's pkg/tcpip).
 * @param files as many as the interfaces have channels
 * @throws RunstateError INVALID_ARGUMENT
 */
export function networkRequest(args: CreateLinksAndRoutesArgs, files: readonly number[]): NetworkRequest {
  let used = 0;
  const links = args.FDBasedLinks.map((link) => {
    const own = files.slice(used, used + link.NumChannels);
    used += link.NumChannels;
    return fileLink(link, own);
  });
  const gateways = [args.DefaultGateway, args.Defaultv4Gateway, args.Defaultv6Gateway];
  return {
    loopbacks: args.LoopbackLinks.map(linkOf),
    links,
    gateways: gateways.flatMap((gateway) =>
      gateway === undefined || gateway.Route.Gateway === '' ? [] : [defaultRoute(gateway)],
    ),
  };
}

const invalid = (what: string): RunstateError => new RunstateError('INVALID_ARGUMENT', { what });

const linkOf = ({ Name, Addresses, Routes }: WireLink): Link => ({
  name: Name,
  addresses: Addresses.map(addressOf),
  routes: Routes.map(routeOf),
});

function fileLink(link: WireFdLink, files: readonly number[]): FileLink {
  const { Name, MTU, LinkAddress } = link;
  if (MTU < 0) throw invalid(`interface ${JSON.stringify(Name)}: ${MTU} is no MTU`);
  return {
    ...linkOf(link),
    files,
    mtu: MTU === 0 ? undefined : MTU,
    linkAddress:
      LinkAddress === undefined || LinkAddress.length === 0 ? undefined : ethernet(Name, LinkAddress),
  };
}

function ethernet(name: string, bytes: Uint8Array): string {
  if (bytes.length === 6) return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  throw invalid(`interface ${JSON.stringify(name)}: an Ethernet address has 6 bytes, not ${bytes.length}`);
}

function ip(text: string): IpBytes {
  const bytes = parseIp(text);
  if (bytes === undefined) throw invalid(`${JSON.stringify(text)} is no IP address`);
  return bytes;
}

function addressOf(address: WireAddress): Address {
  const bytes = ip(typeof address === 'string' ? address : address.Address);
  const whole = 8 * bytes.length;
  const prefix = typeof address === 'string' ? whole : address.PrefixLen;
  if (prefix < 0 || prefix > whole) throw invalid(`${formatIp(bytes)} has no prefix of ${prefix} bits`);
  return { ip: formatIp(bytes), prefix };
}

function routeOf({ Destination, Gateway }: WireRoute): Route {
  const bytes = ip(Destination.IP);
  const destination = { ip: formatIp(bytes), prefix: prefixOf(bytes, Destination.Mask) };
  if (hasHostBits(bytes, destination.prefix))
    throw invalid(`route to ${destination.ip}: subnet address has bits set outside the mask`);
  if (Gateway === '') return { destination, gateway: undefined };
  const gateway = ip(Gateway);
  if (gateway.length !== bytes.length)
    throw invalid(`route to ${destination.ip}: its gateway ${formatIp(gateway)} is of the other family`);
  return { destination, gateway: formatIp(gateway) };
}

function prefixOf(address: IpBytes, mask: Uint8Array | undefined): number {
  const bytes = unmapped([...(mask ?? [])]);
  const text = formatIp(address);
  if (bytes.length !== address.length)
    throw invalid(`route to ${text}: subnet length of the address and mask differ`);
  const prefix = prefixOfMask(bytes);
  if (prefix === undefined) throw invalid(`route to ${text}: its mask has ones after zeros`);
  return prefix;
}

/** A gateway that names no network is the way to all of its family. */
function defaultRoute({ Route, Name }: WireDefaultRoute): DefaultRoute {
  const { Destination, Gateway } = Route;
  if (Destination.IP !== '') return { ...routeOf(Route), link: Name };
  const gateway = ip(Gateway);
  const all = formatIp(gateway.map(() => 0));
  return { destination: { ip: all, prefix: 0 }, gateway: formatIp(gateway), link: Name };
}
