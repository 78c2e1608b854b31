import * as v from 'valibot';
import { object } from './object.ts';
import { allCapabilities } from '../capabilities.ts';
import { absolutePath, boolean, int64, nonEmpty, strings, text, uint32, uint64 } from './values.ts';

/** getrlimit(2)'s names. */
const rlimitTypes = [
  'AS',
  'CORE',
  'CPU',
  'DATA',
  'FSIZE',
  'LOCKS',
  'MEMLOCK',
  'MSGQUEUE',
  'NICE',
  'NOFILE',
  'NPROC',
  'RSS',
  'RTPRIO',
  'RTTIME',
  'SIGPENDING',
  'STACK',
].map((name) => `RLIMIT_${name}`);

const capability = v.pipe(
  text,
  v.check(
    (name) => allCapabilities.includes(name),
    (issue) => `${JSON.stringify(issue.input)} is no capability`,
  ),
);
const set = v.optional(v.array(capability));

const rlimit = v.pipe(
  object({
    type: v.picklist(rlimitTypes, (issue) => `${issue.received} is no resource limit`),
    hard: uint64,
    soft: uint64,
  }),
  v.check((limit) => limit.soft <= limit.hard, 'soft must not be above hard'),
);

const rlimits = v.pipe(
  v.array(rlimit),
  v.check(
    (limits) => new Set(limits.map((limit) => limit.type)).size === limits.length,
    'one type stands twice',
  ),
);

/** The runtime specification's `process` (config.md, Process), for a container and for an exec. */
export const processSchema = object({
  terminal: v.optional(boolean),
  consoleSize: v.optional(object({ height: uint32, width: uint32 })),
  user: v.optional(
    object({
      uid: v.optional(uint32, 0),
      gid: v.optional(uint32, 0),
      umask: v.optional(uint32),
      additionalGids: v.optional(v.array(uint32)),
    }),
  ),
  args: v.pipe(
    strings,
    v.minLength(1, 'must not be empty'),
    v.check((args) => args[0] !== '', 'must begin with a program, not ""'),
  ),
  env: v.optional(
    v.array(
      v.pipe(
        nonEmpty,
        v.check(
          (entry) => entry.indexOf('=') > 0,
          (issue) => `${JSON.stringify(issue.input)} is not of the form NAME=value`,
        ),
      ),
    ),
  ),
  cwd: absolutePath,
  capabilities: v.optional(
    object({ bounding: set, effective: set, permitted: set, inheritable: set, ambient: set }),
  ),
  rlimits: v.optional(rlimits),
  noNewPrivileges: v.optional(boolean),
  apparmorProfile: v.optional(text),
  oomScoreAdj: v.optional(
    v.pipe(
      int64,
      v.check((value) => value >= -1000 && value <= 1000, 'must be from -1000 to 1000'),
    ),
  ),
  selinuxLabel: v.optional(text),
});
