/** The network that a sandbox's containers share. */
import { RunstateError } from '../../errors/index.ts';
import { maxFiles } from '../../native/sockets.ts';
import {
  boolean,
  bytes,
  decoder,
  int,
  list,
  optional,
  string,
  struct,
  uint32,
  type Decoder,
} from '../decode/index.ts';
import { nothing } from './common.ts';
import type { MethodFamily } from './method.ts';
import type {
  CreateLinksAndRoutesArgs,
  WireAddress,
  WireDefaultRoute,
  WireFdLink,
  WireLink,
  WireRoute,
} from './network-types.ts';

const addressWithPrefix = struct<Exclude<WireAddress, string>>({ Address: string, PrefixLen: int });

/** As either release sends it. */
const address: Decoder<WireAddress> = decoder<WireAddress>(
  () => '',
  (value) => (typeof value === 'string' ? value : addressWithPrefix.decode(value)),
);

const route = struct<WireRoute>({ Destination: struct({ IP: string, Mask: bytes }), Gateway: string });

const link = { Name: string, Addresses: list(address), Routes: list(route) };

const fdLink = struct<WireFdLink>({
  ...link,
  MTU: int,
  LinkAddress: bytes,
  NumChannels: int,
  GSOMaxSize: optional(uint32),
  SoftwareGSOEnabled: optional(boolean),
  TXChecksumOffload: optional(boolean),
  RXChecksumOffload: optional(boolean),
  QDisc: optional(int),
});

const defaultRoute = optional(struct<WireDefaultRoute>({ Route: route, Name: string }));

const linksAndRoutes = struct<CreateLinksAndRoutesArgs>({
  LoopbackLinks: list(struct<WireLink>(link)),
  FDBasedLinks: list(fdLink),
  DefaultGateway: defaultRoute,
  Defaultv4Gateway: defaultRoute,
  Defaultv6Gateway: defaultRoute,
});

/** The original's words, before all else. @throws RunstateError FILES */
function needsFileOfEach({ FDBasedLinks }: CreateLinksAndRoutesArgs, files: number): void {
  const wanted = FDBasedLinks.reduce((sum, { NumChannels }) => sum + NumChannels, 0);
  if (files === wanted && FDBasedLinks.every(({ NumChannels }) => NumChannels >= 0)) return;
  throw new RunstateError('FILES', {
    what: `args.FilePayload.Files has ${files} FD's but we need ${wanted} entries based on FDBasedLinks`,
  });
}

export const network: MethodFamily<'Network.CreateLinksAndRoutes' | 'containerManager.SetNetworkArgs'> = {
  'Network.CreateLinksAndRoutes': {
    about: 'Gives the sandbox interfaces, addresses and routes; files: of each interface in its order.',
    arg: linksAndRoutes,
    result: nothing,
    files: { least: 0, most: maxFiles },
    check: needsFileOfEach,
  },
  'containerManager.SetNetworkArgs': {
    about: 'As CreateLinksAndRoutes, before the root container is started; afterwards it does nothing.',
    arg: linksAndRoutes,
    result: nothing,
    files: { least: 0, most: maxFiles },
    check: needsFileOfEach,
  },
};
