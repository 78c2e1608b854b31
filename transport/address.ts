/**
 * Where control servers listen. A sandbox has two abstract names (clients of the original up to 2022 connect to the
 * one that ends with a NUL byte, later ones to the one without) and a socket in the file system, which clients of
 * 2024 and later use.
 */
import { join } from 'node:path';

export type SocketAddress =
  /** A name of the abstract namespace (unix(7)), without the NUL byte that it starts with. */
  | { readonly kind: 'abstract'; readonly name: string }
  /** An absolute path. */
  | { readonly kind: 'path'; readonly path: string };

/** All the addresses of a sandbox's control socket, those first that are free again when their server dies. An id too long for an abstract name has only the last. */
export function sandboxAddresses(root: string, id: string): readonly SocketAddress[] {
  const name = `runsc-sandbox.${id}`;
  const file: SocketAddress = { kind: 'path', path: join(root, `runsc-${id}.sock`) };
  if (Buffer.byteLength(name) > longestAbstract - 1) return [file];
  return [{ kind: 'abstract', name: `${name}\0` }, { kind: 'abstract', name }, file];
}

/** Where our own clients find a sandbox: unlike the abstract names it tells sandboxes of the same id under other roots apart. */
export function sandboxSocket(root: string, id: string): SocketAddress {
  return { kind: 'path', path: join(root, `runsc-${id}.sock`) };
}

/** The socket of a supervisor of many sandboxes. */
export function supervisorSocket(root: string): SocketAddress {
  return { kind: 'path', path: join(root, 'supervisor.sock') };
}

/** sun_path has 108 bytes, and an abstract name starts with a NUL. */
const longestAbstract = 107;

/** For people: the path, or the name as ss(8) and /proc/net/unix show it, `@` for a NUL byte. */
export function showAddress(address: SocketAddress): string {
  return address.kind === 'path' ? address.path : `@${address.name.replaceAll('\0', '@')}`;
}
