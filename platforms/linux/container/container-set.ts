import { failPoint } from '../../../faults/fault-point.ts';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError, messageOf } from '../../../errors/index.ts';
import type { Logger } from '../../../log/logger.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import type { CreateRequest, InitKind, OverlayKind, PlatformListener } from '../../platform.ts';
import type { SandboxCgroups } from '../cgroups/index.ts';
import { checkProgram, keepsStatuses } from '../init/index.ts';
import { SharedNamespaces } from '../namespaces/shared.ts';
import { expectProcess } from '../process/reaper.ts';
import type { StatusKeeper } from '../process/status-keeper.ts';
import type { Runtime } from '../runc/runtime.ts';
import { systemFailure } from '../system-error.ts';
import { initPidFile, type CreateParts } from './create.ts';
import { destroyContainer } from './destroy.ts';
import { LinuxContainer } from './linux-container.ts';
import { readPid } from './pid-file.ts';

/** How long the remains of a container that could not be made may take to go, in ms. */
const discardTimeout = 10_000;

export interface ContainerSetOptions {
  /** The sandbox's id, so the root container's. */
  readonly root: string;
  /** The platform's own directory of the sandbox. */
  readonly directory: string;
  /** The pin of the sandbox's network namespace. */
  readonly network: string;
  readonly runtime: Runtime;
  readonly cgroups: SandboxCgroups;
  readonly listener: PlatformListener;
  /** Of a container of which it is not said. */
  readonly overlay: OverlayKind;
  readonly log: Logger;
  /** Of containers for which none is asked. */
  readonly init: InitKind | undefined;
  /** Holds on to their processes, where there is such a thing. */
  readonly statuses: StatusKeeper | undefined;
}

/** The containers of one sandbox, from the first side effect of their making to the last of their end. */
export class ContainerSet {
  readonly #options: ContainerSetOptions;
  readonly #containers = new Map<string, LinuxContainer>();
  readonly #destroying = new Map<string, Promise<void>>();
  /** Of the root container, once it is there. */
  #shared: SharedNamespaces | undefined;

  constructor(options: ContainerSetOptions) {
    this.#options = options;
  }

  get ids(): readonly string[] {
    return [...this.#containers.keys()];
  }

  find(cid: string): LinuxContainer | undefined {
    return this.#containers.get(cid);
  }

  /** @throws RunstateError CONTAINER_NOT_FOUND */
  get(cid: string): LinuxContainer {
    const container = this.#containers.get(cid);
    if (container === undefined) throw new RunstateError('CONTAINER_NOT_FOUND', { id: cid });
    return container;
  }

  /** Enters a container that is to be made. @throws RunstateError CONTAINER_EXISTS */
  add(cid: string): LinuxContainer {
    if (this.#containers.has(cid)) throw new RunstateError('CONTAINER_EXISTS', { id: cid });
    const { directory, listener, log, statuses } = this.#options;
    const container = new LinuxContainer(cid, join(directory, 'bundles', cid), listener, log, statuses);
    this.#containers.set(cid, container);
    return container;
  }

  /**
   * Has a container's init made, which is then in {@link initPidFile}, and looks after it from then on. Gives its pid
   * as the host sees it. @throws what `make` throws; SYSTEM
   */
  async adopt(
    container: LinuxContainer,
    { isRoot, spec, options }: Pick<CreateRequest, 'isRoot' | 'spec' | 'options'>,
    make: (parts: CreateParts) => Promise<void>,
  ): Promise<number> {
    const { runtime, cgroups, network, overlay } = this.#options;
    const { cid } = container;
    const pidFile = initPidFile(container);
    const expected = expectProcess(pidFile);
    try {
      const shared = isRoot ? undefined : this.#shared;
      const init = { asked: options?.init, usual: this.#options.init, keepsStatuses: await keepsStatuses() };
      await make({ runtime, cgroupsPath: cgroups.pathOf(cid), network, shared, init, overlay });
      const hostPid = readPid(pidFile);
      if (container.handover !== undefined && spec.process !== undefined) checkProgram(hostPid, spec.process);
      failPoint('create.made');
      container.namespaces = namespacesOf(spec);
      await this.lookAfter(container, { hostPid, isRoot });
      container.keep();
      failPoint('create.kept');
      return hostPid;
    } finally {
      expected();
      rmSync(pidFile, { force: true });
    }
  }

  /**
   * Has all that becomes of a container told from now on.
   * @param pidfd of its init, where it was there before: then it may have ended since
   * @throws RunstateError SYSTEM
   */
  async lookAfter(
    container: LinuxContainer,
    {
      hostPid,
      pidfd,
      isRoot,
    }: { readonly hostPid: number; readonly pidfd?: number; readonly isRoot: boolean },
  ): Promise<void> {
    container.initPid = hostPid;
    if (isRoot)
      this.#shared = pidfd === undefined ? hold(container, hostPid) : holdIfThere(container, hostPid);
    container.oom = await this.#watchOom(container.cid);
    container.watchInit(hostPid, pidfd);
  }

  /** Ends and removes a container, also one that is half made; nothing to do for one that is not there. @throws as destroyContainer */
  async destroy(cid: string, signal: AbortSignal): Promise<void> {
    // One after the other: the second finds nothing, or what the first could not remove.
    while (this.#destroying.has(cid)) await Promise.allSettled([this.#destroying.get(cid)]);
    const container = this.#containers.get(cid);
    if (container === undefined) return;
    const work = this.#destroy(container, signal);
    this.#destroying.set(cid, work);
    try {
      await work;
    } finally {
      if (this.#destroying.get(cid) === work) this.#destroying.delete(cid);
    }
  }

  /**
   * What could not be made is gone when that is told: its id may be used again. If it cannot be, `destroy` is left to
   * try. Never rejects.
   */
  async discard(cid: string): Promise<void> {
    try {
      await this.destroy(cid, AbortSignal.timeout(discardTimeout));
    } catch (error) {
      this.#options.log.error('what there was of a container that could not be created was not removed', {
        container: cid,
        cause: messageOf(error),
      });
    }
  }

  /** Looks after none of them any more, and leaves them as they are. */
  letGo(): void {
    for (const container of this.#containers.values()) container.close();
    this.#containers.clear();
    this.#shared?.close();
    this.#shared = undefined;
  }

  async #destroy(container: LinuxContainer, signal: AbortSignal): Promise<void> {
    const { cid } = container;
    try {
      await destroyContainer(container, this.#options, signal);
    } catch (error) {
      throw systemFailure('destroy', `container ${cid}`, error);
    }
    if (this.#containers.get(cid) === container) this.#containers.delete(cid);
    if (cid !== this.#options.root) return;
    this.#shared?.close();
    this.#shared = undefined;
  }

  async #watchOom(cid: string): ReturnType<SandboxCgroups['watchOom']> {
    const { cgroups, listener } = this.#options;
    try {
      return await cgroups.watchOom(cid, (count) => {
        listener.oomKilled(cid, count);
      });
    } catch (error) {
      throw systemFailure('watch', `the memory of container ${cid}`, error);
    }
  }
}

const namespacesOf = (spec: ContainerSpec): readonly string[] =>
  (spec.linux?.namespaces ?? []).map(({ type }) => type);

const hold = ({ namespaces }: LinuxContainer, hostPid: number): SharedNamespaces =>
  SharedNamespaces.hold(hostPid, namespaces);

/** Nobody joins the namespaces of a root that has ended: with it its sandbox does. */
function holdIfThere(container: LinuxContainer, hostPid: number): SharedNamespaces | undefined {
  try {
    return hold(container, hostPid);
  } catch (error) {
    container.log.info('a root container has ended while it was taken over', {
      container: container.cid,
      cause: messageOf(error),
    });
    return undefined;
  }
}
