import { faultPoint } from '../../faults/fault-point.ts';
import { RunstateError, isError, messageOf } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import type { Platform } from '../../platforms/platform.ts';
import type { Call } from '../call.ts';
import type { Deadlines } from '../deadlines.ts';
import { destroySandbox } from '../operations/destroy-container.ts';
import { openSandbox } from '../operations/open-sandbox.ts';
import { Journal, imageOf, journalVersion, pastOf, readJournal, type ReadJournal } from '../journal/index.ts';
import { adopt, type Adopted } from '../recovery/index.ts';
import {
  containerIndex,
  giveUpSandbox,
  isEmpty,
  readSupervisorFile,
  removeSandboxDirectory,
  sandboxOfContainer,
  sweepIndex,
  takeOverSandbox,
  takeSandboxDirectory,
  type SandboxFiles,
} from '../run-directory/index.ts';
import { SandboxSystem, type SandboxSystemOptions } from '../sandbox/sandbox-system.ts';

/** Lets clients reach a sandbox; ends when that is destroyed, after the last replies. */
export type Serve = (system: SandboxSystem) => Promise<AsyncDisposable>;

export interface SupervisorOptions {
  /** The run directory: an absolute path, made when it is missing. */
  readonly root: string;
  readonly platform: Platform;
  readonly log: Logger;
  readonly deadlines?: Deadlines;
  readonly serve?: Serve;
  /** How this process hosts its sandboxes, for whoever takes one over: kept in their journals. Plain data. */
  readonly host?: unknown;
}

/** What lets clients reach a sandbox, once it does. */
interface Served {
  served?: AsyncDisposable | undefined;
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
    const { root, serve } = this.#options;
    // A root container has its sandbox's id: then it is the sandbox that exists, which the next line tells.
    const owner = sandboxOfContainer(root, id);
    if (owner !== undefined && owner !== id) throw new RunstateError('CONTAINER_EXISTS', { id });
    const files = takeSandboxDirectory(root, id);
    const server: Served = {};
    const hosted = this.#host(id, files.platform, server, { journal: this.#beginJournal(id, files) });
    try {
      server.served = await serve?.(hosted.system);
      await openSandbox(hosted.system, call);
    } catch (error) {
      await this.#discard(hosted);
      throw error;
    }
    return hosted;
  }

  /**
   * Takes a sandbox over whose supervisor has died: what lives of it goes on and notices nothing, what was under way
   * is finished or rolled back, and clients reach it again. Undefined when it is gone then: it was being destroyed, or
   * nobody had been told of it yet.
   * @throws RunstateError SANDBOX_NOT_FOUND, SANDBOX_EXISTS when it is hosted; JOURNAL_DAMAGED, JOURNAL_VERSION, LEAKED,
   *   ADDRESS_IN_USE and others, and then it may be tried again
   */
  async recover(id: string, call: Call): Promise<HostedSandbox | undefined> {
    const { root, platform, log, serve, host } = this.#options;
    const before = readSupervisorFile(root, id);
    const files = takeOverSandbox(root, id);
    const server: Served = {};
    let hosted: HostedSandbox;
    let adopted: Adopted;
    try {
      const { records, length, torn } = journalOf(files, id);
      if (torn > 0) log.info('the end of a journal is torn, and is cut off', { sandbox: id, bytes: torn });
      const image = imageOf(records);
      adopted = await adopt(image, { platform, directory: files.platform, log }, call.signal);
      faultPoint('recover.adopted');
      const { recovered } = adopted;
      sweepIndex(root, id, [...recovered.containers.map(({ cid }) => cid)]);
      const journal = Journal.resume({ file: files.journal, sandbox: id, host: host ?? image.host }, length);
      hosted = this.#host(id, files.platform, server, {
        ...{ journal, recovered, adopted: adopted.platform, past: pastOf(records) },
      });
    } catch (error) {
      if (before !== undefined) giveUpSandbox(root, id, before);
      throw error;
    }
    const { system } = hosted;
    adopted.tellTo(system.listener);
    try {
      server.served = await serve?.(system);
      if (adopted.plan.goal === 'destroyed') {
        await destroySandbox(system, call);
        await hosted.gone;
        return undefined;
      }
      if (adopted.recovered.state === 'empty') await openSandbox(system, call);
    } catch (error) {
      this.#sandboxes.delete(id);
      giveUpSandbox(root, id, before ?? { pid: 0, startTime: '' });
      throw error;
    }
    return hosted;
  }

  #beginJournal(id: string, files: SandboxFiles): Journal {
    const { root, host } = this.#options;
    try {
      return Journal.create({ file: files.journal, sandbox: id, host: host ?? null });
    } catch (error) {
      removeSandboxDirectory(root, id);
      throw error;
    }
  }

  #host(
    id: string,
    directory: string,
    server: Served,
    more: Pick<SandboxSystemOptions, 'journal' | 'recovered' | 'adopted' | 'past'>,
  ): HostedSandbox {
    const { root, platform, log, deadlines } = this.#options;
    let ended: PromiseLike<void> | undefined;
    const system = new SandboxSystem({
      ...{ id, directory, platform, log, index: containerIndex(root), ...more },
      release: () => {
        faultPoint('release.begin');
        // It takes no more clients from now on, and its address is free; those that wait for their last replies get them.
        ended ??= server.served?.[Symbol.asyncDispose]();
        removeSandboxDirectory(root, id);
        faultPoint('release.done');
      },
      ...(deadlines === undefined ? {} : { deadlines }),
    });
    const hosted = { system, gone: this.#follow(system, () => ended) };
    this.#sandboxes.set(id, hosted);
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

/**
 * One that was not begun is of a sandbox that nobody was told of: then it is made up, and nothing goes on. @throws RunstateError as
 * readJournal, also when there is none and yet something of the sandbox
 */
function journalOf({ journal, platform }: SandboxFiles, sandbox: string): ReadJournal {
  try {
    return readJournal(journal);
  } catch (error) {
    if (!isError(error, 'JOURNAL_MISSING') || !isEmpty(platform)) throw error;
    const supervisor = { pid: process.pid };
    const begin = {
      type: 'begin',
      at: Date.now(),
      version: journalVersion,
      sandbox,
      supervisor,
      host: null,
    } as const;
    return { records: [begin], length: 0, torn: 0 };
  }
}
