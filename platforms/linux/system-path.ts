import { delimiter, sep } from 'node:path';

/** Where a system's own tools are; a user's PATH may leave sbin out. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];

/**
 * The PATH by which a tool of the system is found, whoever started us. npm puts the programs of packages before all
 * others, and one of them, a bundler's, is called `nft` too: it takes any arguments, does nothing, and exits with 0.
 */
export function systemPath(path = process.env['PATH'] ?? ''): string {
  const others = path
    .split(delimiter)
    .filter((folder) => folder !== '' && !folder.split(sep).includes('node_modules'));
  return [...new Set([...systemFolders, ...others])].join(delimiter);
}
