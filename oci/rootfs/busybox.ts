import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RunstateError, messageOf } from '../../errors/index.ts';

export interface BusyboxRootfsOptions {
  /** A statically linked busybox; Debian's package busybox-static puts it at /bin/busybox, which is the default. */
  readonly busybox?: string;
}

/** Directories that a container's runtime mounts on or programs expect, with their permissions. */
const folders: Readonly<Record<string, number>> = {
  bin: 0o755,
  dev: 0o755,
  etc: 0o755,
  home: 0o755,
  proc: 0o555,
  root: 0o700,
  run: 0o755,
  sbin: 0o755,
  sys: 0o555,
  tmp: 0o1777,
  'usr/bin': 0o755,
  'usr/sbin': 0o755,
  var: 0o755,
  'var/tmp': 0o1777,
};

const files: Readonly<Record<string, string>> = {
  'etc/passwd':
    'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  'etc/group': 'root:x:0:\ndaemon:x:1:\ntty:x:5:\nnogroup:x:65534:\n',
  'etc/hosts': '127.0.0.1\tlocalhost\n::1\tlocalhost\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Long enough for a program that prints a list. */
const listDeadlineMs = 10_000;

/**
 * Makes a small root file system out of one static busybox: the program, a link for each of its applets, accounts, and
 * the directories that mounts go on. `directory` is made; what stands there already is not removed. Throws SYSTEM.
 */
export async function makeBusyboxRootfs(
  directory: string,
  options: BusyboxRootfsOptions = {},
): Promise<void> {
  const busybox = options.busybox ?? '/bin/busybox';
  try {
    const { stdout } = await promisify(execFile)(busybox, ['--list-full'], { timeout: listDeadlineMs });
    for (const [path, mode] of Object.entries(folders)) {
      await mkdir(join(directory, path), { recursive: true });
      // Not by mkdir's own mode: the umask would take from it.
      await chmod(join(directory, path), mode);
    }
    await copyFile(busybox, join(directory, 'bin/busybox'));
    await chmod(join(directory, 'bin/busybox'), 0o755);
    for (const applet of appletsIn(stdout)) {
      await symlink('/bin/busybox', join(directory, applet));
    }
    for (const [path, text] of Object.entries(files)) await writeFile(join(directory, path), text);
  } catch (error) {
    throw new RunstateError(
      'SYSTEM',
      { call: 'make root file system', what: directory, why: messageOf(error) },
      { cause: error },
    );
  }
}

/** Paths of applets, from what `busybox --list-full` prints. `linuxrc`, in no directory, is for initial ramdisks. */
function appletsIn(list: string): string[] {
  return list.split('\n').filter((line) => line.includes('/') && line !== 'bin/busybox');
}
