import type { OomWatch } from '../cgroups/index.ts';
import type { ExitWatch } from '../process/exit-watch.ts';

/** What the platform knows of one container, from the first side effect of its creation on. */
export class LinuxContainer {
  readonly cid: string;
  /** Of its own: effective config.json, process documents, pid files, a mounted root. */
  readonly directory: string;
  /** Undefined before it is created, and when its init has ended. */
  init: ExitWatch | undefined;
  /** In the host's numbering; 0 before it is created. */
  initPid = 0;
  oom: OomWatch | undefined;
  /** Exec'd processes by their pid in the container's own numbering. */
  readonly execs = new Map<number, ExitWatch>();
  readonly #underway = new Set<Promise<unknown>>();
  #count = 0;

  constructor(cid: string, directory: string) {
    this.cid = cid;
    this.directory = directory;
  }

  /** A name for another file of its directory. */
  nextName(prefix: string): string {
    this.#count += 1;
    return `${prefix}-${this.#count}`;
  }

  /** Remembers work by the runtime, for whoever destroys meanwhile. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#underway.add(work);
    try {
      return await work;
    } finally {
      this.#underway.delete(work);
    }
  }

  /** Resolves when the work that is under way has settled, however. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underway);
  }

  /** Stops looking at its processes and its memory. Idempotent. */
  close(): void {
    this.init?.close();
    this.init = undefined;
    this.oom?.close();
    this.oom = undefined;
    for (const watch of this.execs.values()) watch.close();
    this.execs.clear();
  }
}
