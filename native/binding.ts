/**
 * The C addon as it is: raw functions, loaded when the first of them is used (a program that only prints its help
 * pays nothing). The other files of this folder are what the rest of runstate uses.
 *
 * Every function throws an Error with `code` (`ENOENT`), `errno` (positive) and `syscall`; see errno.ts.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { RunstateError, messageOf } from '../errors/index.ts';

export interface Binding {
  // sockets.c
  listenUnix(name: Uint8Array, backlog: number): number;
  connectUnix(name: Uint8Array): number;
  /** -1: nobody is waiting. */
  accept(fd: number): number;
  /** [pid, uid, gid] */
  peerCredentials(fd: number): readonly [number, number, number];
  /** -1: this kernel has no such thing. */
  peerPidfd(fd: number): number;
  socketPair(): readonly [number, number];
  shutdown(fd: number, how: number): void;
  hungUp(fd: number): boolean;
  /** Bytes taken; -1: the socket is full. */
  send(fd: number, data: Uint8Array, offset: number, files: readonly number[]): number;
  /** Bytes; 0: end; -1: nothing there; -2: descriptors were lost, all that came are closed. Pushes descriptors on `files`. */
  receive(fd: number, into: Uint8Array, files: number[]): number;
  // poll.c
  watchOpen(fd: number, callback: (status: number, events: number) => void): object;
  watchSet(watch: object, events: number): void;
  watchRef(watch: object, on: boolean): void;
  watchClose(watch: object): void;
  // readiness.c
  readinessOpen(fd: number): number;
  readinessSet(set: number, fd: number, readable: boolean, writable: boolean): void;
  // files.c
  pipe(nonBlocking: boolean): readonly [number, number];
  /** An O_PATH descriptor. */
  openIn(directory: number, path: string): number;
  duplicate(fd: number): number;
  close(fd: number): void;
  /** Bytes; 0: end; -1: nothing there. */
  read(fd: number, into: Uint8Array): number;
  /** Bytes; -1: full. */
  write(fd: number, data: Uint8Array, offset: number): number;
  setNonBlocking(fd: number, on: boolean): void;
  /** fcntl(F_GETFL) */
  statusFlags(fd: number): number;
  /** st_mode & S_IFMT */
  fileType(fd: number): number;
  eventFd(initial: number, nonBlocking: boolean): number;
  /** false: somebody else holds it. */
  lock(fd: number, kind: number): boolean;
  // terminal.c
  openTerminal(rows: number, columns: number): readonly [number, number, string];
  isTerminal(fd: number): boolean;
  getWindowSize(fd: number): readonly [number, number];
  setWindowSize(fd: number, rows: number, columns: number): void;
  makeRaw(fd: number): Uint8Array;
  restoreTerminal(fd: number, saved: Uint8Array): void;
  // process.c
  setSubreaper(on: boolean): void;
  openPidfd(pid: number): number;
  signalPidfd(pidfd: number, signo: number): void;
  /** Wait status; -1: still running. */
  waitPidfd(pidfd: number, leave: boolean): number;
  /** Wait status; -1: not known to the kernel. */
  pidfdExitStatus(pidfd: number): number;
  endTcpRepair(pidfd: number, fd: number): boolean;
  kill(pid: number, signo: number): void;
  // namespace.c
  makeNetworkNamespace(file: string): Promise<void>;
  mount(source: string, target: string, type: string, flags: number, data: string): void;
  unmount(target: string, flags: number): void;
  // links.c
  /** undefined: bound to none. */
  packetInterface(fd: number): string | undefined;
  /** [name, whether it is TAP] */
  tunInterface(fd: number): readonly [string, boolean];
  networkOf(fd: number, isTun: boolean): number;
  /** network: "" is this process's own. */
  openLink(isTap: boolean, name: string, network: string): number;
}

const names: Readonly<Record<keyof Binding, true>> = {
  listenUnix: true,
  connectUnix: true,
  accept: true,
  peerCredentials: true,
  peerPidfd: true,
  socketPair: true,
  shutdown: true,
  hungUp: true,
  send: true,
  receive: true,
  watchOpen: true,
  watchSet: true,
  watchRef: true,
  watchClose: true,
  readinessOpen: true,
  readinessSet: true,
  pipe: true,
  openIn: true,
  duplicate: true,
  close: true,
  read: true,
  write: true,
  setNonBlocking: true,
  statusFlags: true,
  fileType: true,
  eventFd: true,
  lock: true,
  openTerminal: true,
  isTerminal: true,
  getWindowSize: true,
  setWindowSize: true,
  makeRaw: true,
  restoreTerminal: true,
  setSubreaper: true,
  openPidfd: true,
  signalPidfd: true,
  waitPidfd: true,
  pidfdExitStatus: true,
  endTcpRepair: true,
  kill: true,
  makeNetworkNamespace: true,
  mount: true,
  unmount: true,
  packetInterface: true,
  tunInterface: true,
  networkOf: true,
  openLink: true,
};

/** Where the build puts the addon and the helper programs: `build/` of the package, seen from dist/native/. */
export function builtFile(name: string): string {
  return fileURLToPath(new URL(`../../build/${name}`, import.meta.url));
}

let loaded: Binding | undefined;

/** The addon. Throws ADDON_MISSING when it was not built, or was built from other sources than these. */
export function binding(): Binding {
  loaded ??= load(builtFile('runstate.node'));
  return loaded;
}

function load(file: string): Binding {
  let found: unknown;
  try {
    found = createRequire(import.meta.url)(file);
  } catch (cause) {
    throw new RunstateError('ADDON_MISSING', { file, why: messageOf(cause) }, { cause });
  }
  if (isBinding(found)) return found;
  throw new RunstateError('ADDON_MISSING', { file, why: 'it was built from other sources' });
}

function isBinding(found: unknown): found is Binding {
  if (typeof found !== 'object' || found === null) return false;
  const functions = new Map<string, unknown>(Object.entries(found));
  return Object.keys(names).every((name) => typeof functions.get(name) === 'function');
}
