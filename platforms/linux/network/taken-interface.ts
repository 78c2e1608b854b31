import { RunstateError } from '../../../errors/index.ts';
import type { Logger } from '../../../log/logger.ts';
import type { FoundInterface } from './found-interface.ts';
import { readInterfaces, readRoutes, type InterfaceState, type RouteState } from './interface-state.ts';
import { ip, ipBatch, type Command, type Where } from './ip-command.ts';

/** An interface that is moved into a sandbox's network namespace, and given back. Owns what was found. */
export class TakenInterface {
  /** In the sandbox. */
  readonly name: string;
  readonly #found: FoundInterface;
  readonly #sandbox: string;
  readonly #former: InterfaceState;
  readonly #routes: readonly RouteState[];
  /** In the sandbox; undefined while it is not known to have come. */
  #index: number | undefined;

  private constructor(
    found: FoundInterface,
    name: string,
    sandbox: string,
    former: InterfaceState,
    routes: readonly RouteState[],
  ) {
    this.#found = found;
    this.name = name;
    this.#sandbox = sandbox;
    this.#former = former;
    this.#routes = routes;
  }

  /**
   * Keeps in mind how an interface is. Moves nothing yet.
   * @param sandbox the pin of the sandbox's network namespace
   * @throws RunstateError LINK_UNUSABLE, and as `ip`
   */
  static async look(
    found: FoundInterface,
    name: string,
    sandbox: string,
    signal: AbortSignal,
  ): Promise<TakenInterface> {
    const where = { network: found.network, signal };
    const refuse = (why: string): RunstateError =>
      new RunstateError('LINK_UNUSABLE', { index: found.fileIndex, link: name, why });
    const former = (await readInterfaces(where)).find(({ ifname }) => ifname === found.name);
    if (former === undefined) throw refuse(`its interface ${JSON.stringify(found.name)} has gone`);
    if (former.flags.includes('LOOPBACK')) throw refuse('it stands for a loopback interface');
    const routes = (await readRoutes(where)).filter(
      (route) => route.dev === found.name && isSomebodys(route),
    );
    return new TakenInterface(found, name, sandbox, former, routes);
  }

  /** Moves it, by its new name. It is down then, and has no addresses. @throws as `ip`; then {@link giveBack} */
  async move(signal: AbortSignal): Promise<void> {
    // The kernel moves and renames at once: names that are taken on either side do not matter in between.
    await ip(['link', 'set', 'dev', this.#found.name, 'netns', this.#sandbox, 'name', this.name], {
      ...{ network: this.#found.network, signal },
    });
    this.#index = (await this.#inSandbox(signal))?.ifindex;
  }

  /**
   * Moves it to where it came from, if it is not there, by its former name and with its former addresses and routes.
   * What is not possible of this is logged. Never rejects.
   */
  async giveBack(signal: AbortSignal, log: Logger): Promise<void> {
    try {
      await this.#giveBack(signal, log);
    } catch (error) {
      log.error('an interface could not be given back', { interface: this.name, cause: error });
    } finally {
      this.#found[Symbol.dispose]();
    }
  }

  async #giveBack(signal: AbortSignal, log: Logger): Promise<void> {
    const here = { network: this.#sandbox, signal };
    const there = { network: this.#found.network, signal };
    const now = await this.#inSandbox(signal);
    if (now === undefined) {
      const isThere = (await readInterfaces(there)).some(({ ifindex }) => ifindex === this.#former.ifindex);
      if (this.#index !== undefined || !isThere)
        log.warn('an interface that was to be given back has gone', { interface: this.name });
      return;
    }
    this.#index = now.ifindex;
    await this.#tryAll(asItWas(now.ifname, this.#former), here, log);
    const name = await this.#moveBack(now, here, there, log);
    await this.#tryAll(toFormer(name, this.#former, this.#routes), there, log);
  }

  /** Gives the name by which it is there now. */
  async #moveBack(
    { ifname, ifindex }: InterfaceState,
    here: Where,
    there: Where,
    log: Logger,
  ): Promise<string> {
    const { name, network } = this.#found;
    // One that nobody has there: the kernel keeps it when the former name has been taken meanwhile, and says so.
    const spare = `rs${ifindex}`;
    await ip(['link', 'set', 'dev', ifname, 'name', spare], here);
    try {
      await ip(['link', 'set', 'dev', spare, 'netns', network, 'name', name], here);
      return name;
    } catch (error) {
      if (!(await readInterfaces(there)).some((one) => one.ifname === spare)) throw error;
      log.warn('an interface was given back by another name', { interface: name, now: spare, cause: error });
      return spare;
    }
  }

  async #tryAll(commands: readonly Command[], where: Where, log: Logger): Promise<void> {
    try {
      await ipBatch(commands, where, { force: true });
    } catch (error) {
      log.warn('an interface is given back not wholly as it was', { interface: this.name, cause: error });
    }
  }

  /** By its index: programs of the sandbox may have renamed it. Before that is known, by what else it is. */
  async #inSandbox(signal: AbortSignal): Promise<InterfaceState | undefined> {
    const all = await readInterfaces({ network: this.#sandbox, signal });
    if (this.#index !== undefined) return all.find(({ ifindex }) => ifindex === this.#index);
    const names = [this.name, this.#found.name];
    return all.find(({ ifname, address }) => names.includes(ifname) && address === this.#former.address);
  }
}

/** A route that the kernel does not make by itself from addresses. */
const isSomebodys = ({ protocol, table, type }: RouteState): boolean =>
  protocol !== 'kernel' && protocol !== 'ra' && table === undefined && type === undefined;

const asItWas = (name: string, { mtu, address }: InterfaceState): readonly Command[] => [
  ['link', 'set', 'dev', name, 'down'],
  ['link', 'set', 'dev', name, 'mtu', String(mtu)],
  ...(address === undefined ? [] : [['link', 'set', 'dev', name, 'address', address]]),
];

function toFormer(name: string, former: InterfaceState, routes: readonly RouteState[]): readonly Command[] {
  const { master, flags, addresses } = former;
  return [
    ...(master === undefined ? [] : [['link', 'set', 'dev', name, 'master', master]]),
    ...(flags.includes('UP') ? [['link', 'set', 'dev', name, 'up']] : []),
    // The kernel gives it these by itself.
    ...addresses
      .filter(({ family, scope }) => family === 'inet' || scope !== 'link')
      .map(({ family, local, address, prefixlen }) => [
        ...['addr', 'add', ...(address === undefined ? [] : [local, 'peer'])],
        ...[`${address ?? local}/${prefixlen}`, 'dev', name],
        ...(family === 'inet6' ? ['nodad'] : []),
      ]),
    ...routes.toSorted(directFirst).map((route) => routeCommand(name, route)),
  ];
}

/** A gateway is reached by another route. */
const directFirst = (one: RouteState, other: RouteState): number =>
  Number(one.gateway !== undefined) - Number(other.gateway !== undefined);

const routeCommand = (name: string, { dst, gateway, metric, flags }: RouteState): Command => [
  ...['route', 'add', dst, ...(gateway === undefined ? [] : ['via', gateway]), 'dev', name],
  ...(metric === undefined ? [] : ['metric', String(metric)]),
  ...(flags.includes('onlink') ? ['onlink'] : []),
];
