import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { CgroupLayout } from './layout.ts';

/**
 * Writes and reads the freezer's files ourselves: runc looks every 100 ms whether a v1 cgroup is frozen.
 * A cgroup is frozen when it or one above it is told to be.
 */
export interface Freezer {
  /** Tells a cgroup's directory to freeze or thaw, without waiting. @throws SystemError */
  set(directory: string, isFrozen: boolean): Promise<void>;
  /** True when every process in it stands still. @throws SystemError */
  isFrozen(directory: string): Promise<boolean>;
  /** Whether what is frozen dies of SIGKILL. */
  readonly killsFrozen: boolean;
}

/** freezer.state of cgroup v1 (freezer-subsystem.rst of Linux). */
const v1: Freezer = {
  killsFrozen: false,
  set: (directory, isFrozen) => writeFile(join(directory, 'freezer.state'), isFrozen ? 'FROZEN' : 'THAWED'),
  isFrozen: async (directory) =>
    (await readFile(join(directory, 'freezer.state'), 'latin1')).trim() === 'FROZEN',
};

/** cgroup.freeze of cgroup v2 (cgroup-v2.rst of Linux). */
const v2: Freezer = {
  killsFrozen: true,
  set: (directory, isFrozen) => writeFile(join(directory, 'cgroup.freeze'), isFrozen ? '1' : '0'),
  isFrozen: async (directory) => {
    const events = await readFile(join(directory, 'cgroup.events'), 'latin1');
    // One without processes never reports that it is frozen.
    return /^frozen 1$/m.test(events) || /^populated 0$/m.test(events);
  },
};

export const freezerOf = (layout: CgroupLayout): Freezer => (layout.version === 1 ? v1 : v2);

const firstPause = 0.2;
const longestPause = 2;
/**
 * A v1 cgroup may be stuck in FREEZING: one of many threads that executes a program waits, unfreezable, for the others
 * to die, and those that are frozen do not. Letting it go for a moment helps (runc does so too).
 */
const looksBetweenTelling = 50;
const letGo = 5;

/** Freezes and waits until all stand still; thaws again when `signal` is aborted first, and throws its reason. */
export async function freeze(freezer: Freezer, directory: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  try {
    let pause = firstPause;
    for (let looks = 0; ; looks++) {
      if (looks % looksBetweenTelling === 0) {
        if (looks > 0) {
          await freezer.set(directory, false);
          await after(letGo);
        }
        await freezer.set(directory, true);
      }
      if (await freezer.isFrozen(directory)) return;
      signal.throwIfAborted();
      await after(pause);
      pause = Math.min(pause * 1.5, longestPause);
    }
  } catch (error) {
    await freezer.set(directory, false);
    throw error;
  }
}
