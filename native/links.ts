/**
 * Network interfaces by descriptor: packet sockets (packet(7)) and TAP devices (the kernel's tuntap.rst). Descriptors
 * that come from here are close-on-exec, and the caller's. All functions throw a {@link SystemError}.
 */
import { binding } from './binding.ts';

/** The interface of an open /dev/net/tun. */
export interface TunInterface {
  readonly name: string;
  /** It carries Ethernet frames: TAP. False: IP packets, TUN. */
  readonly isTap: boolean;
}

/**
 * The name, in its own network namespace, of the interface that a packet socket is bound to. Undefined when it is
 * bound to none, or its interface has gone. ENOTSOCK, EAFNOSUPPORT: it is no packet socket.
 */
export function packetInterface(fd: number): string | undefined {
  return binding().packetInterface(fd);
}

/** The interface of an open /dev/net/tun. ENOTTY: it is none. EBADFD: it has no interface. */
export function tunInterface(fd: number): TunInterface {
  const [name, isTap] = binding().tunInterface(fd);
  return { name, isTap };
}

/** The network namespace that a socket is in (SIOCGSKNS, Linux 4.10 and later), open. */
export function socketNetwork(fd: number): number {
  return binding().networkOf(fd, false);
}

/** The network namespace that the interface of an open /dev/net/tun is in (TUNGETDEVNETNS, Linux 5.5 and later), open. */
export function tunNetwork(fd: number): number {
  return binding().networkOf(fd, true);
}

export interface OpenLinkOptions {
  /** Where the interface is: the path of a network namespace, e.g. /run/netns/mine. This process's own unless set. */
  readonly network?: string;
}

/**
 * A packet socket that is bound to an interface and gets all of its frames: what `Network.CreateLinksAndRoutes` takes.
 * Non-blocking. ENODEV: there is no such interface. Needs CAP_NET_RAW, and CAP_SYS_ADMIN for another namespace.
 */
export function openPacketSocket(name: string, options: OpenLinkOptions = {}): number {
  return binding().openLink(false, name, options.network ?? '');
}

/**
 * A TAP device, made when there is none of that name; it goes with the last descriptor of it. Frames without a header
 * of the device's own are read from it and written to it. Non-blocking. ENOENT: there is no /dev/net/tun. Needs
 * CAP_NET_ADMIN, and CAP_SYS_ADMIN for another namespace.
 */
export function openTap(name: string, options: OpenLinkOptions = {}): number {
  return binding().openLink(true, name, options.network ?? '');
}
