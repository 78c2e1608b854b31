import * as v from 'valibot';
import { object } from './object.ts';
import { absolutePath, int64, nonEmpty, strings, text, uint32, uint64 } from './values.ts';

const namespaceTypes = ['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'];

const namespaces = v.pipe(
  v.array(
    object({
      type: v.picklist(
        namespaceTypes,
        (issue) => `${issue.received} is no namespace; there are ${namespaceTypes.join(', ')}`,
      ),
      path: v.optional(
        v.pipe(
          text,
          // Engines that marshal the field always write "" for a new one.
          v.check((path) => path === '' || path.startsWith('/'), 'must be an absolute path'),
        ),
      ),
    }),
  ),
  v.check(
    (list) => new Set(list.map((one) => one.type)).size === list.length,
    (issue) => `${duplicate(issue.input.map((one) => one.type))} stands twice`,
  ),
);

const idMapping = object({ containerID: uint32, hostID: uint32, size: uint32 });

const device = object({
  path: absolutePath,
  type: v.picklist(
    ['c', 'b', 'u', 'p'],
    (issue) => `${issue.received} is no device type; there are c, b, u, p`,
  ),
  major: v.optional(int64),
  minor: v.optional(int64),
  fileMode: v.optional(uint32),
  uid: v.optional(uint32),
  gid: v.optional(uint32),
});

const resources = object({
  memory: v.optional(object({ limit: v.optional(int64), swap: v.optional(int64) })),
  cpu: v.optional(
    object({
      quota: v.optional(int64),
      period: v.optional(uint64),
      shares: v.optional(uint64),
      cpus: v.optional(text),
      mems: v.optional(text),
    }),
  ),
  pids: v.optional(object({ limit: int64 })),
  devices: v.optional(v.array(v.unknown())),
});

const seccomp = object({
  defaultAction: nonEmpty,
  architectures: v.optional(strings),
  syscalls: v.optional(
    v.array(
      object({
        names: v.pipe(strings, v.minLength(1, 'must not be empty')),
        action: nonEmpty,
      }),
    ),
  ),
});

/** The runtime specification's `linux` (config-linux.md), as far as runstate reads it or a mistake in it is common. */
export const linuxSchema = object({
  namespaces: v.optional(namespaces),
  uidMappings: v.optional(v.array(idMapping)),
  gidMappings: v.optional(v.array(idMapping)),
  devices: v.optional(v.array(device)),
  cgroupsPath: v.optional(text),
  resources: v.optional(resources),
  seccomp: v.optional(seccomp),
  maskedPaths: v.optional(v.array(absolutePath)),
  readonlyPaths: v.optional(v.array(absolutePath)),
  sysctl: v.optional(v.record(v.string(), text)),
});

function duplicate(list: readonly string[]): string {
  return JSON.stringify(list.find((one, index) => list.indexOf(one) !== index));
}
