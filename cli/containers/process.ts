/** The process document of an exec. */
import { readFile } from 'node:fs/promises';
import { RunstateError, isError } from '../../errors/index.ts';
import { capabilityNumber, canonicalCapability } from '../../oci/capabilities.ts';
import { parseProcess, readBundle, type Capabilities, type ProcessSpec } from '../../oci/index.ts';
import type { ContainerState } from '../../transport/client/index.ts';
import { ownSize } from '../terminal/own-terminal.ts';
import { userOf } from './source.ts';

/** What the command line says of the process. */
export interface ProcessOptions {
  readonly tty?: boolean;
  readonly cwd?: string;
  /** `NAME=value`. */
  readonly env?: readonly string[];
  readonly user?: string;
  readonly additionalGids?: readonly number[];
  readonly cap?: readonly string[];
  /** False for --no-new-privs. */
  readonly newPrivs: boolean;
  readonly apparmor?: string;
  readonly processLabel?: string;
}

/** @throws RunstateError SPEC, or the system's error for a file that cannot be read */
export async function processFromFile(file: string): Promise<ProcessSpec> {
  return parseProcess(await readFile(file, 'utf8'), file);
}

/**
 * As the container's own process, but with another command and what the flags change. Users' names are those of the
 * container's accounts. @throws RunstateError USAGE, INVALID_ARGUMENT
 */
export async function processFromFlags(
  { bundle, pid }: Pick<ContainerState, 'bundle' | 'pid'>,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessSpec> {
  const base = await ownProcess(bundle);
  const user = options.user === undefined ? base.user : await userOf(options.user, `/proc/${pid}/root`);
  const size = options.tty === true ? ownSize() : undefined;
  return {
    ...base,
    args,
    terminal: options.tty === true,
    ...(size === undefined ? {} : { consoleSize: { height: size.rows, width: size.columns } }),
    env: environment(base.env ?? [], options),
    cwd: options.cwd ?? base.cwd,
    ...(user === undefined
      ? {}
      : { user: { ...user, ...groups(user.additionalGids, options.additionalGids) } }),
    ...(options.cap === undefined
      ? {}
      : { capabilities: withCapabilities(base.capabilities, options.cap, user?.uid !== 0) }),
    ...(!options.newPrivs ? { noNewPrivileges: true } : {}),
    ...(options.apparmor === undefined ? {} : { apparmorProfile: options.apparmor }),
    ...(options.processLabel === undefined ? {} : { selinuxLabel: options.processLabel }),
  };
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Of the container's bundle, as it is now; one that came over the control socket has none. */
async function ownProcess(bundle: string): Promise<ProcessSpec> {
  try {
    const { spec } = await readBundle(bundle);
    if (spec.process !== undefined) return spec.process;
  } catch (error) {
    // Gone or changed since: then it runs as a plain root of the container.
    if (!isError(error, 'BUNDLE') && !isError(error, 'SPEC')) throw error;
  }
  return { cwd: '/', env: [path], user: { uid: 0, gid: 0 } };
}

/** Later ones take the place of earlier ones of the same name: some programs read the first, some the last. */
function environment(base: readonly string[], options: ProcessOptions): readonly string[] {
  const variables = new Map<string, string>();
  const terminal = options.tty === true && !base.some((one) => one.startsWith('TERM=')) ? ['TERM=xterm'] : [];
  for (const one of [...base, ...terminal, ...(options.env ?? [])])
    variables.set(one.split('=')[0] ?? '', one);
  return [...variables.values()];
}

function groups(
  base: readonly number[] | undefined,
  more: readonly number[] | undefined,
): { readonly additionalGids?: readonly number[] } {
  return more === undefined ? {} : { additionalGids: [...new Set([...(base ?? []), ...more])] };
}

/** Who is not root keeps a capability through execve(2) only as an ambient, and so inheritable, one. */
function withCapabilities(
  base: Capabilities | undefined,
  names: readonly string[],
  ambient: boolean,
): Capabilities {
  for (const name of names)
    if (capabilityNumber(name) === undefined)
      throw new RunstateError('USAGE', { why: `--cap ${JSON.stringify(name)}: there is no such capability` });
  const more = names.map(canonicalCapability);
  const add = (set: readonly string[] | undefined): readonly string[] => [
    ...new Set([...(set ?? []), ...more]),
  ];
  return {
    ...base,
    bounding: add(base?.bounding),
    effective: add(base?.effective),
    permitted: add(base?.permitted),
    ...(ambient ? { inheritable: add(base?.inheritable), ambient: add(base?.ambient) } : {}),
  };
}
