/** Trees of files, looked at whole. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface Entry {
  readonly path: string;
  readonly kind: string;
  readonly mode: string;
  readonly owner: string;
  readonly device: number;
  readonly size: bigint;
  readonly mtime: bigint;
  /** The first path of those that are the same file. */
  readonly same: string;
  readonly content: string;
}

/** Everything below a directory, and it itself, by path; what the kernel's numbers of inodes are is left out. */
export function treeOf(directory: string): readonly Entry[] {
  const firsts = new Map<string, string>();
  const walk = (path: string): Entry[] => {
    // Names may be of any bytes.
    const full = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, 'latin1')]);
    const stat = lstatSync(full, { bigint: true });
    const key = `${stat.dev}:${stat.ino}`;
    if (!firsts.has(key)) firsts.set(key, path);
    const entry = {
      path,
      kind: (stat.mode & 0o170000n).toString(8),
      mode: (stat.mode & 0o7777n).toString(8),
      owner: `${stat.uid}:${stat.gid}`,
      device: Number(stat.rdev),
      // Of a directory it is the file system's own affair.
      size: stat.isDirectory() ? 0n : stat.size,
      mtime: stat.mtimeNs,
      same: stat.isDirectory() ? path : (firsts.get(key) ?? path),
      content: stat.isFile()
        ? sha(readFileSync(full))
        : stat.isSymbolicLink()
          ? readlinkSync(full, 'latin1')
          : '',
    };
    if (!stat.isDirectory()) return [entry];
    return [
      entry,
      ...readdirSync(full, 'latin1')
        .sort()
        .flatMap((name) => walk(join(path, name))),
    ];
  };
  return walk('.');
}

const sha = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

/** Extended attributes and access lists of everything below, as tar reads them: `path name=value`, sorted. */
export function attributesOf(directory: string): readonly string[] {
  const flags = ['--acls', '--xattrs', '--xattrs-include=*', '--format=posix', '--sort=name', '--sparse'];
  const { stdout, status, stderr } = spawnSync('tar', ['-C', directory, ...flags, '-cf', '-', '.'], {
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr.toString());
  return [...stdout.toString('latin1').matchAll(/SCHILY\.(?:xattr|acl)\.[^\n]*|\.\/PaxHeaders[^\0]*/g)]
    .map(([found]) => found)
    .filter((line) => !line.includes('trusted.overlay'));
}
