/** What `ip -json` tells of the interfaces, addresses and routes of a network namespace. */
import * as v from 'valibot';
import { ip, type Where } from './ip-command.ts';

const addressSchema = v.object({
  family: v.string(),
  local: v.string(),
  prefixlen: v.number(),
  scope: v.optional(v.string()),
  /** The other end's, where the two are all of their network. */
  address: v.optional(v.string()),
});

const interfaceSchema = v.object({
  ifindex: v.number(),
  ifname: v.string(),
  flags: v.array(v.string()),
  mtu: v.number(),
  /** Its link address. */
  address: v.optional(v.string()),
  /** The bridge that it is a port of. */
  master: v.optional(v.string()),
  addr_info: v.optional(v.array(v.unknown()), []),
});

const routeSchema = v.object({
  dst: v.string(),
  dev: v.string(),
  gateway: v.optional(v.string()),
  protocol: v.optional(v.string()),
  table: v.optional(v.string()),
  type: v.optional(v.string()),
  metric: v.optional(v.number()),
  scope: v.optional(v.string()),
  flags: v.optional(v.array(v.string()), []),
});

export type AddressState = v.InferOutput<typeof addressSchema>;
export type RouteState = v.InferOutput<typeof routeSchema>;
export interface InterfaceState extends Omit<v.InferOutput<typeof interfaceSchema>, 'addr_info'> {
  readonly addresses: readonly AddressState[];
}

/** All interfaces of a namespace. @throws RunstateError as `ip` */
export async function readInterfaces(where: Where): Promise<readonly InterfaceState[]> {
  const found = fitting(interfaceSchema, await ip(['-json', 'addr', 'show'], where));
  return found.map(({ addr_info, ...rest }) => ({
    ...rest,
    addresses: addr_info.flatMap((one) => (v.is(addressSchema, one) ? [one] : [])),
  }));
}

/** All routes of a namespace, of all tables, v4 and v6. @throws RunstateError as `ip` */
export async function readRoutes(where: Where): Promise<readonly RouteState[]> {
  const read = async (family: string, all: string): Promise<readonly RouteState[]> => {
    const found = fitting(routeSchema, await ip([family, '-json', 'route', 'show', 'table', 'all'], where));
    // Which family's it is would be forgotten.
    return found.map((route) => (route.dst === 'default' ? { ...route, dst: all } : route));
  };
  return [...(await read('-4', '0.0.0.0/0')), ...(await read('-6', '::/0'))];
}

/** The elements of a list that are what is looked for: ip leaves empty ones, and routes without an interface. */
function fitting<S extends v.GenericSchema>(schema: S, text: string): readonly v.InferOutput<S>[] {
  // It prints nothing at all where there is nothing.
  const all: unknown = text.trim() === '' ? [] : JSON.parse(text);
  if (!Array.isArray(all)) return [];
  return all.flatMap((one: unknown) => {
    const parsed = v.safeParse(schema, one);
    return parsed.success ? [parsed.output] : [];
  });
}
