/** What a platform is asked to do about a sandbox's network, and what is wrong with that on every platform. */
import { RunstateError } from '../errors/index.ts';

/** Interfaces and routes that a sandbox is to have. */
export interface NetworkRequest {
  /** Of the sandbox's own loopback interface. */
  readonly loopbacks: readonly Link[];
  /** Interfaces that are given to the sandbox. */
  readonly links: readonly FileLink[];
  /** Where all goes that no other route takes: through one of the interfaces of this request. */
  readonly gateways: readonly DefaultRoute[];
}

export interface Link {
  /** As the sandbox's programs see it. */
  readonly name: string;
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
}

/** An interface that open files stand for. */
export interface FileLink extends Link {
  /** One or more, which all stand for the same interface. */
  readonly files: readonly number[];
  /** In bytes; undefined leaves it as it is. */
  readonly mtu: number | undefined;
  /** Its Ethernet address (`02:00:00:00:00:01`); undefined leaves it as it is. */
  readonly linkAddress: string | undefined;
}

/** An address or a network, v4 or v6, in its canonical text. */
export interface Address {
  readonly ip: string;
  /** How many of its bits are the network's. */
  readonly prefix: number;
}

export interface Route {
  /** A network: no bits beyond its prefix. */
  readonly destination: Address;
  /** Undefined: the destination is reached without one. Of the destination's family. */
  readonly gateway: string | undefined;
}

export interface DefaultRoute extends Route {
  readonly link: string;
}

export const isV6 = (ip: string): boolean => ip.includes(':');

/** What the kernel gives every sandbox from the start, up. */
export const loopbackName = 'lo';

/** What Linux lets interfaces be called, less what tools around them stumble on: 15 bytes, of IFNAMSIZ. */
const nameForm = /^(?!\.{1,2}$)[\w.@+-]{1,15}$/;

/** True for a request that gives a sandbox more than its loopback: it is made once. */
export const isWhole = ({ links, gateways }: NetworkRequest): boolean => links.length + gateways.length > 0;

/**
 * What can be said of a request without looking at the machine. The words about the gateway are the original's
 * (Network.CreateLinksAndRoutes of gVisor's runsc/boot/network.go).
 * @throws RunstateError INVALID_ARGUMENT
 */
export function checkNetwork({ loopbacks, links, gateways }: NetworkRequest): void {
  const names = new Set<string>();
  for (const { name } of [...loopbacks, ...links]) {
    if (!nameForm.test(name)) throw invalid(`${JSON.stringify(name)} is no name of an interface`);
    if (names.has(name)) throw invalid(`there are two interfaces ${JSON.stringify(name)}`);
    names.add(name);
  }
  for (const { name } of loopbacks)
    if (name !== loopbackName)
      throw invalid(`the loopback interface is ${JSON.stringify(loopbackName)}, not ${JSON.stringify(name)}`);
  for (const { name, files } of links) {
    if (name === loopbackName) throw invalid(`${JSON.stringify(name)} is the loopback interface`);
    if (files.length === 0) throw invalid(`no file came for interface ${JSON.stringify(name)}`);
  }
  for (const { link } of gateways)
    if (!names.has(link)) throw invalid(`invalid interface name ${JSON.stringify(link)} for default route`);
}

const invalid = (what: string): RunstateError => new RunstateError('INVALID_ARGUMENT', { what });
