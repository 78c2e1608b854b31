import { failPoint, faultPoint } from '../../../faults/fault-point.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { processes } from '../../../native/index.ts';
import type { ContainerStats } from '../../platform.ts';
import { isErrno } from '../system-error.ts';
import { freeze, freezerOf, type Freezer } from './freezer.ts';
import type { CgroupLayout } from './layout.ts';
import { watchOom, type OomWatch } from './oom.ts';
import { containerPath, controllerDirectory, directories, mainDirectory, sandboxPath } from './paths.ts';
import { pidsBelow, subdirectories } from './processes.ts';
import { prepareV2 } from './prepare-v2.ts';
import { removeCgroup } from './remove.ts';
import { statsV1 } from './stats-v1.ts';
import { statsV2 } from './stats-v2.ts';

const SIGKILL = 9;

/**
 * The cgroups of one sandbox: a parent, by which all is frozen at one instant, and below it one for each container,
 * which the runtime makes. A container stands still while its own cgroup is told to freeze, or the parent is.
 */
export class SandboxCgroups {
  readonly #layout: CgroupLayout;
  readonly #name: string;
  readonly #freezer: Freezer;
  /** Frozen alone. */
  readonly #alone = new Set<string>();
  #isWhole = false;
  /** The whole sandbox is frozen by its containers' own cgroups, its parent being thawed: one had to be killed. */
  #byLeaves = false;

  private constructor(layout: CgroupLayout, name: string) {
    this.#layout = layout;
    this.#name = name;
    this.#freezer = freezerOf(layout);
  }

  /** Makes the parent. @param name as of cgroupName @throws SystemError */
  static async open(layout: CgroupLayout, name: string): Promise<SandboxCgroups> {
    const cgroups = new SandboxCgroups(layout, name);
    if (layout.version === 2) await prepareV2(layout.mount, sandboxPath(name));
    await mkdir(cgroups.#parent, { recursive: true });
    return cgroups;
  }

  get #parent(): string {
    return mainDirectory(this.#layout, sandboxPath(this.#name));
  }

  /** What a container's spec has as its `cgroupsPath`: without one it would nest in its caller's memory cgroup. */
  pathOf(cid: string): string {
    return containerPath(this.#name, cid);
  }

  /** Where a controller's files of a container are; undefined when this machine has no such controller. */
  directoryOf(cid: string, controller: string): string | undefined {
    return controllerDirectory(this.#layout, controller, this.pathOf(cid));
  }

  /** The directory by which a container alone is frozen. */
  freezerDirectory(cid: string): string {
    return this.#leaf(cid);
  }

  /**
   * Freezes one container, or (undefined) the whole sandbox, and waits until every process stands still. Thaws again
   * when `signal` is aborted, and throws its reason. @throws SystemError
   */
  async freeze(cid: string | undefined, signal: AbortSignal): Promise<void> {
    if (cid === undefined) {
      failPoint('freeze.begin');
      await freeze(this.#freezer, this.#parent, signal);
      faultPoint('freeze.whole');
      this.#isWhole = true;
    } else {
      failPoint('freeze.begin');
      await freeze(this.#freezer, this.#leaf(cid), signal);
      faultPoint('freeze.alone');
      this.#alone.add(cid);
    }
  }

  /** Undoes `freeze` of the same scope. What is not frozen needs nothing. @throws SystemError */
  async thaw(cid: string | undefined): Promise<void> {
    if (cid !== undefined) {
      this.#alone.delete(cid);
      if (!this.#byLeaves) await this.#set(this.#leaf(cid), false);
      return;
    }
    if (this.#byLeaves) {
      // All are to go on at one instant: the parent holds them until the last is let go by itself.
      await this.#set(this.#parent, true);
      for (const name of await subdirectories(this.#parent))
        if (!this.#alone.has(name)) await this.#set(join(this.#parent, name), false);
      this.#byLeaves = false;
    }
    await this.#set(this.#parent, false);
    this.#isWhole = false;
  }

  /**
   * Brings about what of the sandbox is to stand still, however it was left; from then on it is known here.
   * @param alone the containers that are frozen by themselves
   * @throws SystemError; what `signal` was aborted with
   */
  async takeOver(isWhole: boolean, alone: readonly string[], signal: AbortSignal): Promise<void> {
    if (isWhole) await this.freeze(undefined, signal);
    for (const cid of alone) await this.freeze(cid, signal);
    for (const name of await subdirectories(this.#parent))
      if (!alone.includes(name)) await this.#set(join(this.#parent, name), false);
    if (!isWhole) await this.thaw(undefined);
  }

  /**
   * The sandbox is frozen as a whole: from now on each container by a cgroup of its own, so that whoever traces the
   * processes of one may let them run for a moment. @throws SystemError
   */
  async standByLeaves(): Promise<void> {
    if (this.#byLeaves) return;
    for (const name of await subdirectories(this.#parent)) await this.#set(join(this.#parent, name), true);
    this.#byLeaves = true;
    await this.#set(this.#parent, false);
  }

  /** A container of the frozen sandbox stands still again after `letDie`. @throws SystemError; what `signal` was aborted with */
  async freezeAgain(cid: string, signal: AbortSignal): Promise<void> {
    await freeze(this.#freezer, this.#leaf(cid), signal);
  }

  /** The host's pids of a container. */
  pids(cid: string): Promise<readonly number[]> {
    return pidsBelow(this.#leaf(cid));
  }

  /**
   * Sends a signal to every process of a container but `except` (in the host's numbering). None escapes by forking: they are frozen meanwhile. Gives how many
   * there were. What was frozen before stays so, but SIGKILL kills it.
   * @throws SystemError; what `signal` was aborted with
   */
  async signalAll(cid: string, signo: number, signal: AbortSignal, except?: number): Promise<number> {
    const leaf = this.#leaf(cid);
    const wasFrozen = this.#isWhole || this.#alone.has(cid);
    if (!wasFrozen) await freeze(this.#freezer, leaf, signal);
    try {
      const pids = (await pidsBelow(leaf)).filter((pid) => pid !== except);
      for (const pid of pids) send(pid, signo);
      if (wasFrozen && signo === SIGKILL && !this.#freezer.killsFrozen) await this.#release(cid);
      return pids.length;
    } finally {
      if (!wasFrozen) await this.#set(leaf, false);
    }
  }

  /** For a frozen container, or one process of it, that was sent SIGKILL: lets it die where that needs a thaw. */
  async letDie(cid: string): Promise<void> {
    if (!this.#freezer.killsFrozen && (this.#isWhole || this.#alone.has(cid))) await this.#release(cid);
  }

  /** True while it is frozen, alone or with its sandbox. */
  isFrozen(cid: string): boolean {
    return this.#isWhole || this.#alone.has(cid);
  }

  /** What the kernel says of it, not what was asked for; of what has no cgroup any more nothing stands still. @throws SystemError */
  async standsStill(cid: string): Promise<boolean> {
    try {
      return await this.#freezer.isFrozen(this.#leaf(cid));
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENODEV')) return false;
      throw error;
    }
  }

  stats(cid: string): Promise<ContainerStats> {
    const read = this.#layout.version === 1 ? statsV1 : statsV2;
    return read(this.#layout, this.pathOf(cid));
  }

  /** @throws SystemError */
  watchOom(cid: string, onKill: (count: number) => void): Promise<OomWatch> {
    return watchOom(this.#layout, this.pathOf(cid), onKill);
  }

  /** Removes a container's cgroups, and gives what is left of them when `signal` is aborted. @throws SystemError */
  async remove(cid: string, signal: AbortSignal): Promise<readonly string[]> {
    this.#alone.delete(cid);
    return this.#remove(this.pathOf(cid), signal);
  }

  /** Removes the parent with all below it, as {@link remove}. */
  close(signal: AbortSignal): Promise<readonly string[]> {
    return this.#remove(sandboxPath(this.#name), signal);
  }

  async #remove(path: string, signal: AbortSignal): Promise<readonly string[]> {
    const left = await Promise.all(
      directories(this.#layout, path).map((directory) => removeCgroup(directory, signal)),
    );
    return left.flat();
  }

  /** Thaws one container alone. While the whole sandbox is frozen the others must not notice: each is frozen by itself first. */
  async #release(cid: string): Promise<void> {
    if (this.#isWhole && !this.#byLeaves) {
      for (const name of await subdirectories(this.#parent))
        if (name !== cid) await this.#set(join(this.#parent, name), true);
      await this.#set(this.#leaf(cid), false);
      this.#byLeaves = true;
      await this.#set(this.#parent, false);
    } else await this.#set(this.#leaf(cid), false);
  }

  #leaf(cid: string): string {
    return mainDirectory(this.#layout, this.pathOf(cid));
  }

  /** A cgroup that has gone needs neither. */
  async #set(directory: string, isFrozen: boolean): Promise<void> {
    try {
      await this.#freezer.set(directory, isFrozen);
    } catch (error) {
      if (!isErrno(error, 'ENOENT', 'ENODEV')) throw error;
    }
  }
}

function send(pid: number, signo: number): void {
  try {
    processes.kill(pid, signo);
  } catch (error) {
    // It has ended since it was listed; frozen, it cannot have been reaped and its pid used again.
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
