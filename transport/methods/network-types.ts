/** Network.CreateLinksAndRoutes of gVisor's runsc/boot/network.go, by the names that Go gives the fields. */
export interface CreateLinksAndRoutesArgs {
  /** Null is none, as of every list here. */
  readonly LoopbackLinks: readonly WireLink[];
  readonly FDBasedLinks: readonly WireFdLink[];
  /** Of 2019. A gateway without Route.Gateway is none. */
  readonly DefaultGateway?: WireDefaultRoute | undefined;
  /** These two are of later releases. */
  readonly Defaultv4Gateway?: WireDefaultRoute | undefined;
  readonly Defaultv6Gateway?: WireDefaultRoute | undefined;
}

export interface WireLink {
  readonly Name: string;
  readonly Addresses: readonly WireAddress[];
  readonly Routes: readonly WireRoute[];
}

/** An interface that files stand for: packet sockets that are bound to it, or TAP devices. */
export interface WireFdLink extends WireLink {
  /** In bytes; 0 leaves it as it is. */
  readonly MTU: number;
  /** The Ethernet address; none leaves it as it is. */
  readonly LinkAddress: Uint8Array | undefined;
  /** How many of the files are its own, in their order. */
  readonly NumChannels: number;
  /** What the original's network stack is told, from here on: the kernel's own knows it, and it is not used. */
  readonly GSOMaxSize?: number | undefined;
  readonly SoftwareGSOEnabled?: boolean | undefined;
  readonly TXChecksumOffload?: boolean | undefined;
  readonly RXChecksumOffload?: boolean | undefined;
  readonly QDisc?: number | undefined;
}

/** In 2019 an address alone, which is all of its network; later one with the length of its network's prefix. */
export type WireAddress = string | { readonly Address: string; readonly PrefixLen: number };

export interface WireRoute {
  readonly Destination: {
    readonly IP: string;
    /** Four bytes or sixteen, as Go's net.IPMask has them: of v4 either. */
    readonly Mask: Uint8Array | undefined;
  };
  /** "" is none. */
  readonly Gateway: string;
}

export interface WireDefaultRoute {
  readonly Route: WireRoute;
  /** Of the interface. */
  readonly Name: string;
}
