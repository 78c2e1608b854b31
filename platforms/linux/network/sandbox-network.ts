import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { RunstateError } from '../../../errors/index.ts';
import type { Logger } from '../../../log/logger.ts';
import { cancelled, isAborted } from '../../cancelled.ts';
import { checkNetwork, isWhole, type FileLink, type NetworkRequest } from '../../network.ts';
import { systemFailure } from '../system-error.ts';
import { configure, isByItself } from './configure.ts';
import { FoundInterface, networkKey } from './found-interface.ts';
import { readInterfaces } from './interface-state.ts';
import { ipBatch, type Command } from './ip-command.ts';
import { TakenInterface } from './taken-interface.ts';

/** How long taking back what was done may take, in ms, whatever has happened. */
const undoTimeout = 15_000;

const verb = 'set up the network of';

/** What a sandbox's network namespace is given beyond what the kernel gives it, one change after another. */
export class SandboxNetwork {
  readonly #id: string;
  readonly #pin: string;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  #taken: readonly TakenInterface[] = [];
  #isSetUp = false;
  /** The end of the changes that were asked for. */
  #last: Promise<void> = Promise.resolve();

  /** @param pin of the sandbox's network namespace, which outlives this */
  constructor(id: string, pin: string, log: Logger) {
    this.#id = id;
    this.#pin = pin;
    this.#log = log;
    this.#isSetUp = existsSync(markOf(pin));
  }

  /** As PlatformSandbox.network. */
  setUp(request: NetworkRequest, signal: AbortSignal): Promise<void> {
    const both = AbortSignal.any([signal, this.#closing.signal]);
    const done = this.#last.then(() => this.#setUp(request, both));
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Ends what is under way and gives all interfaces back. Idempotent; logs what is not possible, and never rejects. */
  async close(): Promise<void> {
    this.#closing.abort(new RunstateError('SANDBOX_NOT_FOUND', { id: this.#id }));
    await this.#last;
    const taken = this.#taken;
    this.#taken = [];
    await this.#giveBack(taken);
  }

  async #setUp(request: NetworkRequest, signal: AbortSignal): Promise<void> {
    if (isAborted(signal)) throw cancelled(verb, this.#id, signal);
    checkNetwork(request);
    if (isWhole(request) && this.#isSetUp) throw new RunstateError('NETWORK_ONCE', { id: this.#id });
    // So a client that says no more than that needs no iproute2.
    if (isByItself(request)) return;
    const taken: TakenInterface[] = [];
    const undo: Command[] = [];
    try {
      await this.#look(request.links, taken, signal);
      // It is done once only, whoever hosts the sandbox.
      if (isWhole(request)) writeFileSync(markOf(this.#pin), '', { mode: 0o600 });
      for (const one of taken) await one.move(signal);
      await configure(request, undo, { network: this.#pin, signal });
    } catch (error) {
      if (isWhole(request)) rmSync(markOf(this.#pin), { force: true });
      await this.#undo(undo);
      await this.#giveBack(taken);
      if (isAborted(signal)) throw cancelled(verb, this.#id, signal);
      throw systemFailure('set up', `the network of sandbox ${this.#id}`, error);
    }
    this.#taken = [...this.#taken, ...taken];
    this.#isSetUp ||= isWhole(request);
  }

  /** Finds all interfaces, and how they are, before any is touched. @param taken gets them */
  async #look(links: readonly FileLink[], taken: TakenInterface[], signal: AbortSignal): Promise<void> {
    const found = findAll(links);
    try {
      this.#refuseOwn(links, found);
      await this.#refuseTakenNames(links, found, signal);
      for (const [i, { name }] of links.entries()) {
        const [one] = found;
        if (one === undefined) throw new Error(`no interface was found for link ${i}`);
        taken.push(await TakenInterface.look(one, name, this.#pin, signal));
        found.shift();
      }
    } finally {
      for (const one of found) one[Symbol.dispose]();
    }
  }

  /** An interface is given once, and from outside. */
  #refuseOwn(links: readonly FileLink[], found: readonly FoundInterface[]): void {
    const own = networkKey(statSync(this.#pin));
    for (const [i, { key, name, fileIndex, networkKey: of }] of found.entries()) {
      const params = { index: fileIndex, link: links[i]?.name ?? '' };
      const called = JSON.stringify(name);
      if (of === own)
        throw new RunstateError('LINK_UNUSABLE', {
          ...params,
          why: `interface ${called} is the sandbox's already`,
        });
      if (found.findIndex((other) => other.key === key) < i)
        throw new RunstateError('LINK_UNUSABLE', {
          ...params,
          why: `interface ${called} is another link's already`,
        });
    }
  }

  async #refuseTakenNames(
    links: readonly FileLink[],
    found: readonly FoundInterface[],
    signal: AbortSignal,
  ): Promise<void> {
    if (links.length === 0) return;
    const there = (await readInterfaces({ network: this.#pin, signal })).map(({ ifname }) => ifname);
    for (const [i, { name }] of links.entries())
      if (there.includes(name))
        throw new RunstateError('LINK_UNUSABLE', {
          ...{ index: found[i]?.fileIndex ?? 0, link: name },
          why: 'the sandbox has an interface of that name already',
        });
  }

  /** What the loopback was given; what it was not is not missed. */
  async #undo(commands: readonly Command[]): Promise<void> {
    try {
      await ipBatch(commands.toReversed(), this.#undoing(), { force: true });
    } catch (error) {
      this.#log.debug('not all that was to be taken from a loopback was there', { cause: error });
    }
  }

  async #giveBack(taken: readonly TakenInterface[]): Promise<void> {
    for (const one of taken.toReversed()) await one.giveBack(this.#undoing().signal, this.#log);
  }

  #undoing(): { readonly network: string; readonly signal: AbortSignal } {
    return { network: this.#pin, signal: AbortSignal.timeout(undoTimeout) };
  }
}

const markOf = (pin: string): string => `${pin}-set-up`;

/** In the order of the links. @throws RunstateError LINK_FILE, LINK_UNUSABLE, SYSTEM; then none is held */
function findAll(links: readonly FileLink[]): FoundInterface[] {
  const found: FoundInterface[] = [];
  let first = 0;
  try {
    for (const link of links) {
      found.push(FoundInterface.of(link, first));
      first += link.files.length;
    }
    return found;
  } catch (error) {
    for (const one of found) one[Symbol.dispose]();
    throw error;
  }
}
