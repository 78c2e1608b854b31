/** Pairs of interfaces whose other end is in a network namespace of the test's own, and what goes over them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { links } from '../../native/index.ts';
import { rootfs, type Bench } from './support.ts';

/** Busybox as the host runs it. */
export const busybox = join(rootfs, 'bin/busybox');

/** `ip`, in a namespace by its name when one is given. */
export const ip = (network: string | undefined, ...words: readonly string[]): string =>
  execFileSync('ip', [...(network === undefined ? [] : ['-n', network]), ...words], { encoding: 'utf8' });

/** Why there can be no interfaces here. */
export function whyNoWires(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  if (spawnSync('ip', ['-V']).error !== undefined) return 'iproute2 is not installed';
  const name = `rs${process.pid}t`;
  const made = spawnSync('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`]);
  if (made.status !== 0) return `no veth: ${made.stderr.toString()}`;
  ip(undefined, 'link', 'del', name);
  return undefined;
}

let count = 0;

/** A network namespace, by its name, that goes with the test. */
export function makeNetwork(t: ExecutionContext): string {
  const name = `rs-${process.pid}-${++count}`;
  ip(undefined, 'netns', 'add', name);
  t.teardown(() => {
    if (existsSync(networkFile(name))) ip(undefined, 'netns', 'del', name);
  });
  return name;
}

export const networkFile = (name: string): string => `/run/netns/${name}`;

export interface Wire {
  /** The interface to give away. */
  readonly name: string;
  /** Where that is; undefined: in this process's own namespace. */
  readonly network: string | undefined;
  /** The namespace of the other end, which has 10.7.7.1 and fd07::1 and is called `far`. */
  readonly far: string;
}

/** Makes a pair, up at the far end alone. */
export function makeWire(t: ExecutionContext, network?: string): Wire {
  const far = makeNetwork(t);
  const name = `rs${process.pid}w${++count}`;
  ip(network, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'far', 'netns', networkFile(far));
  for (const address of ['10.7.7.1/24', 'fd07::1/64'])
    ip(far, 'addr', 'add', address, 'dev', 'far', ...(address.includes(':') ? ['nodad'] : []));
  ip(far, 'link', 'set', 'far', 'up');
  return { name, network, far };
}

/** Sockets that stand for it, closed with the test. */
export function socketsOf(t: ExecutionContext, { name, network }: Wire, howMany = 1): readonly number[] {
  return Array.from({ length: howMany }, () => {
    const fd = links.openPacketSocket(name, network === undefined ? {} : { network: networkFile(network) });
    t.teardown(() => closeSync(fd));
    return fd;
  });
}

/** Whether a namespace has an interface of that name. */
export const has = (network: string | undefined, name: string): boolean =>
  spawnSync('ip', [...(network === undefined ? [] : ['-n', network]), 'link', 'show', 'dev', name]).status ===
  0;

/** Of the sandbox's own namespace: what its `ip` prints. */
export const ipInside = ({ root, id }: Bench, ...words: readonly string[]): string =>
  execFileSync('nsenter', [`--net=${join(root, 'sandboxes', id, 'platform/netns')}`, 'ip', ...words], {
    encoding: 'utf8',
  });

/** What a command in a container prints. */
export async function output({ client }: Bench, CID: string, script: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'rs-output-'));
  const out = openSync(join(directory, 'out'), 'w');
  const nothing = openSync('/dev/null', 'r+');
  try {
    const Process = { args: ['/bin/sh', '-c', script], cwd: '/' };
    const { PID } = await client.call(
      'runstate.Execute',
      { CID, Process, ConsoleSocket: '' },
      { files: [nothing, out, out] },
    );
    await client.call('containerManager.WaitPID', { CID, PID });
    return readFileSync(join(directory, 'out'), 'utf8');
  } finally {
    closeSync(out);
    closeSync(nothing);
    rmSync(directory, { recursive: true });
  }
}
