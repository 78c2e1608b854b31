/**
 * Open files that a request brought, held by whoever still needs them: the request until it is answered, and the
 * work that it began until that has settled, which may be later (a requester that goes away is answered at once).
 * They are closed when the last holder lets go; made with one holder.
 */
export class Files {
  /** By the number that they get in the process; undefined is /dev/null. */
  readonly descriptors: readonly (number | undefined)[];
  /** A directory that is to be the root file system. */
  readonly rootDirectory: number | undefined;
  readonly #close: () => void;
  #holders = 1;

  constructor(descriptors: readonly (number | undefined)[], close: () => void, rootDirectory?: number) {
    this.descriptors = descriptors;
    this.rootDirectory = rootDirectory;
    this.#close = close;
  }

  /** One more holder. */
  hold(): this {
    this.#holders += 1;
    return this;
  }

  /** One holder less; the last one closes. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#close();
  }
}

/** For a process whose standard streams are /dev/null. */
export const noFiles = (): Files => new Files([], () => undefined);
