import type { Mount, User } from '../types.ts';
import type { MachineTraits } from './machine.ts';

/** What differs between the containers that people run; what is left out is the safe choice. */
export interface DefaultSpecOptions {
  /** The program and its arguments; `sh` alone by default. */
  readonly args?: readonly string[];
  /** Added to PATH (and, with a terminal, TERM): `NAME=value` entries, or names and values. */
  readonly env?: readonly string[] | Readonly<Record<string, string>>;
  /** Working directory, absolute; `/` by default. */
  readonly cwd?: string;
  /** By default user 0, who is root in the container with the few capabilities of ./capabilities.ts. */
  readonly user?: User;
  /** Path of the root file system, from the bundle's directory; `rootfs` by default. */
  readonly rootfs?: string;
  /** True by default: what runs inside cannot change the root file system, and gets a /tmp of its own in memory. */
  readonly readonlyRoot?: boolean;
  readonly hostname?: string;
  /** Bytes, or text such as `512m`, which is the default; false for no limit. Files in /tmp and /dev/shm count. */
  readonly memory?: number | bigint | string | false;
  /** As {@link memory}: how much swap is usable beside it. None by default; false for no limit. */
  readonly swap?: number | bigint | string | false;
  /** Processors' worth of time, such as 0.5 or 2; 1 by default; false for no limit. */
  readonly cpus?: number | false;
  /** Processes and threads; 512 by default; false for no limit. */
  readonly pids?: number | false;
  /** Give the process a terminal; false by default. */
  readonly terminal?: boolean;
  /** Added to the usual ones; one with the destination of a usual one takes its place. */
  readonly mounts?: readonly Mount[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** By default the machine that this runs on. */
  readonly machine?: MachineTraits;
}
