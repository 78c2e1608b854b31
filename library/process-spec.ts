import { RunstateError } from '../errors/index.ts';
import type { ProcessSpec, User } from '../oci/types.ts';

/** What a program is started with. */
export interface ProcessChoices {
  /** Added to a PATH and a HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** `/` unless set. */
  readonly cwd?: string;
  /** Root (in the container) unless set. */
  readonly user?: User;
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** As `NAME=value`. */
export const environment = (env: Readonly<Record<string, string>> = {}): string[] =>
  Object.entries({ PATH: path, ...env }).map(([name, value]) => `${name}=${value}`);

/** OCI's process document. Capabilities are the container's own. @throws RunstateError INVALID_ARGUMENT */
export function processSpec(args: readonly string[], choices: ProcessChoices): ProcessSpec {
  if (args.length === 0) throw new RunstateError('INVALID_ARGUMENT', { what: 'there is no program to run' });
  return {
    args,
    env: environment(choices.env),
    cwd: choices.cwd ?? '/',
    noNewPrivileges: true,
    ...(choices.user === undefined ? {} : { user: choices.user }),
  };
}
