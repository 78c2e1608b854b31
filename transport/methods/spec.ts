/**
 * The OCI runtime specification's config.json as an argument: the parts that runstate reads are checked, whatever
 * else there is goes along untouched.
 */
import type {
  Capabilities,
  ContainerSpec,
  LinuxSpec,
  Mount,
  Namespace,
  ProcessSpec,
  Resources,
  User,
} from '../../oci/types.ts';
import {
  boolean,
  int64,
  json,
  jsonObject,
  list,
  map,
  optional,
  record,
  required,
  string,
  struct,
  uint32,
  type Decoder,
  type Fields,
} from '../decode/index.ts';

/** A struct whose other fields are kept. */
function open<T extends object>(fields: Fields<T>): Decoder<T> {
  const known = struct(fields);
  return {
    zero: () => known.zero(),
    decode: (value) => {
      const typed = known.decode(value);
      const rest = jsonObject.decode(value);
      for (const name in fields) Reflect.deleteProperty(rest, name);
      return Object.assign(rest, typed);
    },
  };
}

/** A 64-bit integer, a number where that is exact. */
const integer: Decoder<number | bigint> = map(int64, (exact) => {
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
});
const strings = optional(list(string));

const user = open<User>({
  uid: uint32,
  gid: uint32,
  umask: optional(uint32),
  additionalGids: optional(list(uint32)),
});

const capabilities = struct<Capabilities>({
  bounding: strings,
  effective: strings,
  permitted: strings,
  inheritable: strings,
  ambient: strings,
});

export const processSpec: Decoder<ProcessSpec> = open<ProcessSpec>({
  terminal: optional(boolean),
  consoleSize: optional(struct({ height: uint32, width: uint32 })),
  user: optional(user),
  args: strings,
  env: strings,
  cwd: string,
  capabilities: optional(capabilities),
  rlimits: optional(list(struct({ type: string, hard: integer, soft: integer }))),
  noNewPrivileges: optional(boolean),
});

const resources = open<Resources>({
  memory: optional(
    open<NonNullable<Resources['memory']>>({ limit: optional(integer), swap: optional(integer) }),
  ),
  cpu: optional(
    open<NonNullable<Resources['cpu']>>({
      quota: optional(integer),
      period: optional(integer),
      shares: optional(integer),
    }),
  ),
  pids: optional(struct({ limit: integer })),
  devices: optional(list<unknown>(json)),
});

const linux = open<LinuxSpec>({
  namespaces: optional(list(struct<Namespace>({ type: string, path: optional(string) }))),
  cgroupsPath: optional(string),
  resources: optional(resources),
  seccomp: optional<unknown>(json),
  maskedPaths: strings,
  readonlyPaths: strings,
});

const mount = open<Mount>({
  destination: string,
  type: optional(string),
  source: optional(string),
  options: strings,
});

export const containerSpec: Decoder<ContainerSpec> = open<ContainerSpec>({
  ociVersion: required(string),
  process: optional(processSpec),
  root: optional(open<NonNullable<ContainerSpec['root']>>({ path: string, readonly: optional(boolean) })),
  hostname: optional(string),
  mounts: optional(list(mount)),
  annotations: optional(record(string)),
  hooks: optional<unknown>(json),
  linux: optional(linux),
});
