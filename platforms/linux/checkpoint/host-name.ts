import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import { defaultHostname } from '../../../oci/index.ts';
import type { LoadContainer } from '../../checkpoint.ts';
import { systemPath } from '../system-path.ts';

const run = promisify(execFile);

/** How long it may take, in ms. */
const timeout = 10_000;
/** Bytes: __NEW_UTS_LEN of linux/utsname.h. */
const longest = 64;

/** Prints nothing. The file is of who writes it: of the namespace that this runs in. */
const script =
  'to=$1; shift; read -r now < /proc/sys/kernel/hostname; ' +
  'for one do [ "$now" = "$one" ] && echo "$to" > /proc/sys/kernel/hostname && break; done; :';

/**
 * Gives a sandbox that comes back under another id a host name of its own, where its name was its id, or the one that
 * all have of whom nothing else is asked: clones that talk to others tell by it who they are. A name that somebody has
 * chosen stays, and so does the host's. All containers are to be there, whose restores each bring the old name along,
 * and to stand still. @param root the root container, whose name is that of all
 * @throws RunstateError SYSTEM
 */
export async function renameHost(
  { cid, savedCid, isStarted, spec }: LoadContainer,
  hostPid: number,
): Promise<void> {
  const named = spec.linux?.namespaces?.find(({ type }) => type === 'uts');
  const isOwn = named !== undefined && (named.path === undefined || named.path === '');
  if (!isOwn || !isStarted || cid === savedCid || cid.length > longest) return;
  const args = [`--uts=/proc/${hostPid}/ns/uts`, 'sh', '-c', script, 'sh', cid, savedCid, defaultHostname];
  try {
    await run('nsenter', args, { timeout, env: { PATH: systemPath() } });
  } catch (cause) {
    const params = { call: 'sethostname', what: `of sandbox ${cid}`, why: messageOf(cause) };
    throw new RunstateError('SYSTEM', params, { cause });
  }
}
