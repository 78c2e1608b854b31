import { closeSync, openSync } from 'node:fs';
import { systemFailure } from '../system-error.ts';

/** The kinds of namespaces that sub-containers may join. */
const kinds = ['ipc', 'uts', 'pid'] as const;
export type SharedKind = (typeof kinds)[number];

/**
 * The root container's namespaces, held by open files. Not named by the pid of its init, which would be another
 * process's after that has ended.
 */
export class SharedNamespaces {
  readonly #files: ReadonlyMap<SharedKind, number>;

  private constructor(files: ReadonlyMap<SharedKind, number>) {
    this.#files = files;
  }

  /**
   * Opens those that the root container has of its own.
   * @param own the types of namespaces in its spec: what is not among them is the host's, and nobody's to join
   * @throws RunstateError SYSTEM when its init has gone
   */
  static hold(hostPid: number, own: readonly string[]): SharedNamespaces {
    const files = new Map<SharedKind, number>();
    try {
      for (const kind of kinds)
        if (own.includes(kind)) files.set(kind, openSync(`/proc/${hostPid}/ns/${kind}`, 'r'));
    } catch (error) {
      for (const fd of files.values()) closeSync(fd);
      throw systemFailure('open', `/proc/${hostPid}/ns`, error);
    }
    return new SharedNamespaces(files);
  }

  /** As a spec names it, for as long as this process holds it; undefined when the root container has none of its own. */
  path(kind: SharedKind): string | undefined {
    const fd = this.#files.get(kind);
    return fd === undefined ? undefined : `/proc/${process.pid}/fd/${fd}`;
  }

  /** Lets them go. Call once. */
  close(): void {
    for (const fd of this.#files.values()) closeSync(fd);
  }
}

export const isSharedKind = (type: string): type is SharedKind => kinds.some((kind) => kind === type);
