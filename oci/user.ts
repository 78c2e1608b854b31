import { RunstateError, messageOf } from '../errors/index.ts';
import { readInRoot } from './rootfs/read-in-root.ts';

export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** The groups that list the user as a member. */
  readonly additionalGids: readonly number[];
  /** The home directory that the accounts file names, else `/`. */
  readonly home: string;
}

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Larger than the accounts of any image; a container's program may have written the file. */
const largestFile = 4 << 20;

/** One less than what chown(2) takes as "leave it". */
const largestId = 0xffff_fffe;

/**
 * Looks up `user[:group]`, names or numbers, in the /etc/passwd and /etc/group of a root file system, as container
 * engines do: a number needs no entry; without a group the user's own is taken, and those that list the user are added.
 * Links in that tree do not lead out of it.
 * @throws RunstateError INVALID_ARGUMENT when there is no such user or group, or the files cannot be read
 */
export async function resolveUser(user: string, root: string): Promise<ResolvedUser> {
  const [who = '', group, ...rest] = user.split(':');
  if (who === '' || group === '' || rest.length > 0) {
    throw invalid(`user ${JSON.stringify(user)} is not of the form user[:group]`);
  }
  const account = await findAccount(who, root);
  const groups = await readGroups(root);
  if (group !== undefined) {
    return { uid: account.uid, gid: findGroup(group, groups, root), additionalGids: [], home: account.home };
  }
  const listed = groups.filter((one) => account.name !== '' && one.members.includes(account.name));
  const additionalGids = [...new Set(listed.map((one) => one.gid))].filter((gid) => gid !== account.gid);
  return { uid: account.uid, gid: account.gid, additionalGids, home: account.home };
}

async function findAccount(who: string, root: string): Promise<Account> {
  const accounts = (await linesOf(root, '/etc/passwd')).flatMap(accountOf);
  const number = numeric(who);
  const found =
    accounts.find((one) => one.name === who) ??
    (number === undefined ? undefined : accounts.find((one) => one.uid === number));
  if (found !== undefined) return found;
  if (number !== undefined) return { name: '', uid: number, gid: 0, home: '/' };
  throw invalid(`user ${JSON.stringify(who)} is not in its /etc/passwd`);
}

function findGroup(group: string, groups: readonly Group[], root: string): number {
  const found = groups.find((one) => one.name === group)?.gid ?? numeric(group);
  if (found !== undefined) return found;
  throw invalid(`group ${JSON.stringify(group)} is not in /etc/group of ${root}`);
}

async function readGroups(root: string): Promise<Group[]> {
  return (await linesOf(root, '/etc/group')).flatMap((line) => {
    const [name, , id, members = ''] = line.split(':');
    const gid = numeric(id ?? '');
    // Lines that are no entries (comments, NIS) are passed over, as the C library does.
    return name === undefined || name === '' || gid === undefined
      ? []
      : [{ name, gid, members: members.split(',').filter((member) => member !== '') }];
  });
}

function accountOf(line: string): Account[] {
  const [name, , user, group, , home] = line.split(':');
  const uid = numeric(user ?? '');
  const gid = numeric(group ?? '');
  if (name === undefined || name === '' || uid === undefined || gid === undefined) return [];
  return [{ name, uid, gid, home: home?.startsWith('/') === true ? home : '/' }];
}

async function linesOf(root: string, path: string): Promise<string[]> {
  try {
    const text = await readInRoot(root, path, largestFile);
    return text?.split('\n') ?? [];
  } catch (error) {
    throw invalid(`${path} of ${root} cannot be read: ${messageOf(error)}`, error);
  }
}

function numeric(text: string): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  return number <= largestId ? number : undefined;
}

function invalid(what: string, cause?: unknown): RunstateError<'INVALID_ARGUMENT'> {
  return new RunstateError('INVALID_ARGUMENT', { what }, cause === undefined ? {} : { cause });
}
