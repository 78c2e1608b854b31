import { RunstateError } from '../../errors/index.ts';
import type { MemoryContainer } from './memory-container.ts';

/** The containers of one sandbox, and which of them stand still. */
export class ContainerSet {
  readonly #containers = new Map<string, MemoryContainer>();
  /** The sandbox is frozen as a whole. */
  #isWhole = false;

  get ids(): readonly string[] {
    return [...this.#containers.keys()];
  }

  find(cid: string): MemoryContainer | undefined {
    return this.#containers.get(cid);
  }

  /** @throws RunstateError CONTAINER_NOT_FOUND */
  get(cid: string): MemoryContainer {
    const container = this.#containers.get(cid);
    if (container === undefined) throw new RunstateError('CONTAINER_NOT_FOUND', { id: cid });
    return container;
  }

  /** @throws RunstateError CONTAINER_EXISTS */
  add(container: MemoryContainer): void {
    const { cid } = container;
    if (this.#containers.has(cid)) throw new RunstateError('CONTAINER_EXISTS', { id: cid });
    this.#containers.set(cid, container);
    this.#apply(container);
  }

  /** Freezes or thaws one, or (undefined) all at one instant. @throws RunstateError CONTAINER_NOT_FOUND */
  setFrozen(cid: string | undefined, isFrozen: boolean): void {
    if (cid === undefined) {
      this.#isWhole = isFrozen;
      for (const container of this.#containers.values()) this.#apply(container);
      return;
    }
    const container = this.get(cid);
    container.isFrozenAlone = isFrozen;
    this.#apply(container);
  }

  /**
   * Ends all of a container, has that told, and takes it out; nothing to do for one that is not there.
   * @param only that one, should another have the id by now
   */
  async destroy(cid: string, only = this.#containers.get(cid)): Promise<void> {
    if (only === undefined) return;
    await only.kill();
    if (this.#containers.get(cid) === only) this.#containers.delete(cid);
  }

  #apply(container: MemoryContainer): void {
    container.setFrozen(this.#isWhole || container.isFrozenAlone);
  }
}
