import type { PlatformListener } from '../../platforms/platform.ts';

/** Keeps what a platform tells until there is somebody to be told. */
export class HeldListener implements PlatformListener {
  #listener: PlatformListener | undefined;
  #held: ((listener: PlatformListener) => void)[] = [];

  exited(...event: Parameters<PlatformListener['exited']>): void {
    this.#tell((listener) => listener.exited(...event));
  }

  oomKilled(...event: Parameters<PlatformListener['oomKilled']>): void {
    this.#tell((listener) => listener.oomKilled(...event));
  }

  /** Tells that one from now on, and first what was kept. */
  release(listener: PlatformListener): void {
    this.#listener = listener;
    for (const tell of this.#held.splice(0)) tell(listener);
  }

  #tell(tell: (listener: PlatformListener) => void): void {
    if (this.#listener === undefined) this.#held.push(tell);
    else tell(this.#listener);
  }
}
