import { RunstateError, messageOf } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import type { Platform } from '../../platforms/platform.ts';
import type { Call } from '../call.ts';
import type { Deadlines } from '../deadlines.ts';
import { destroySandbox } from '../operations/destroy-container.ts';
import { openSandbox } from '../operations/open-sandbox.ts';
import {
  containerIndex,
  removeSandboxDirectory,
  sandboxOfContainer,
  takeSandboxDirectory,
} from '../run-directory/index.ts';
import { SandboxSystem } from '../sandbox/sandbox-system.ts';

/** Lets clients reach a sandbox; ends when that is destroyed, after the last replies. */
export type Serve = (system: SandboxSystem) => Promise<AsyncDisposable>;

export interface SupervisorOptions {
  /** The run directory: an absolute path, made when it is missing. */
  readonly root: string;
  readonly platform: Platform;
  readonly log: Logger;
  readonly deadlines?: Deadlines;
  readonly serve?: Serve;
}

/** A sandbox from its boot to the end of its last trace. */
export interface HostedSandbox {
  readonly system: SandboxSystem;
  /** Resolves when it is destroyed, its clients are answered and its id is free. */
  readonly gone: Promise<void>;
}

/**
 * The sandboxes that this process hosts: a plain registry. Each is an actor system of its own, so that a fault stays
 * in it.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #sandboxes = new Map<string, HostedSandbox>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get root(): string {
    return this.#options.root;
  }

  /** In the order of their boot. */
  get sandboxes(): readonly HostedSandbox[] {
    return [...this.#sandboxes.values()];
  }

  /** @throws RunstateError SANDBOX_NOT_FOUND */
  sandbox(id: string): HostedSandbox {
    const hosted = this.#sandboxes.get(id);
    if (hosted === undefined) throw new RunstateError('SANDBOX_NOT_FOUND', { id, where: this.root });
    return hosted;
  }

  /**
   * Takes the id, lets clients reach the sandbox, and opens it. When one of it fails, nothing is left.
   * @param id checked, see oci/id.ts
   * @throws RunstateError SANDBOX_EXISTS, CONTAINER_EXISTS, ADDRESS_IN_USE, and as openSandbox
   */
  async boot(id: string, call: Call): Promise<HostedSandbox> {
    const { root, platform, log, deadlines, serve } = this.#options;
    // A root container has its sandbox's id: then it is the sandbox that exists, which the next line tells.
    const owner = sandboxOfContainer(root, id);
    if (owner !== undefined && owner !== id) throw new RunstateError('CONTAINER_EXISTS', { id });
    const directory = takeSandboxDirectory(root, id).platform;
    let served: AsyncDisposable | undefined;
    let ended: PromiseLike<void> | undefined;
    const system = new SandboxSystem({
      id,
      directory,
      platform,
      log,
      index: containerIndex(root),
      release: () => {
        removeSandboxDirectory(root, id);
        // It takes no more clients from now on; those that wait for their last replies get them.
        ended ??= served?.[Symbol.asyncDispose]();
      },
      ...(deadlines === undefined ? {} : { deadlines }),
    });
    const hosted = { system, gone: this.#follow(system, () => ended) };
    this.#sandboxes.set(id, hosted);
    try {
      served = await serve?.(system);
      await openSandbox(system, call);
    } catch (error) {
      await this.#discard(hosted);
      throw error;
    }
    return hosted;
  }

  /**
   * Destroys every sandbox and waits until they are gone.
   * @throws AggregateError of what could not be destroyed
   */
  async destroyAll(call: Call): Promise<void> {
    const outcomes = await Promise.allSettled(
      this.sandboxes.map(async ({ system, gone }) => {
        await destroySandbox(system, call);
        await gone;
      }),
    );
    const errors = outcomes.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
    if (errors.length > 0)
      throw new AggregateError(
        errors,
        `not all sandboxes were destroyed: ${errors.map(messageOf).join('; ')}`,
      );
  }

  async #follow(system: SandboxSystem, ended: () => PromiseLike<void> | undefined): Promise<void> {
    await system.destroyed;
    try {
      await ended();
    } catch (error) {
      this.#options.log.error('the control server did not stop well', { sandbox: system.id, cause: error });
    }
    this.#sandboxes.delete(system.id);
  }

  /** Of one that could not be opened. What stays is known, and another destroy may be asked for. */
  async #discard({ system, gone }: HostedSandbox): Promise<void> {
    const { log } = this.#options;
    try {
      if (system.port.alive) await system.port.ask((id) => ({ type: 'destroy', id }));
      await gone;
    } catch (error) {
      log.error('a sandbox that could not be opened was not cleared away', {
        sandbox: system.id,
        cause: error,
      });
    }
  }
}
