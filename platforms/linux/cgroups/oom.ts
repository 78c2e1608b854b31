import { watch, type FSWatcher } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Watch, files } from '../../../native/index.ts';
import { isErrno } from '../system-error.ts';
import { Counters } from './counters.ts';
import type { CgroupLayout } from './layout.ts';
import { controllerDirectory } from './paths.ts';

/** Notices that the kernel kills for want of memory. */
export interface OomWatch {
  /** Looks now: before an exit is told, the kill that was its reason is. */
  check(): Promise<void>;
  /** Ends it. Idempotent. */
  close(): void;
}

/** After a v1 notification, when to look at the counter: the event comes before the kill is counted. Ms. */
const looks = [0, 5, 50, 500];

/**
 * Calls back with the number of kills so far, once for each change. Where the kernel has no memory controller nothing
 * is ever told.
 * @throws SystemError
 */
export async function watchOom(
  layout: CgroupLayout,
  path: string,
  onKill: (count: number) => void,
): Promise<OomWatch> {
  const directory = controllerDirectory(layout, 'memory', path);
  const counters = new Counters(directory);
  const file = layout.version === 1 ? 'memory.oom_control' : 'memory.events';
  let seen = 0;
  let isClosed = false;
  const check = async (): Promise<void> => {
    const count = Number((await counters.table(file)).get('oom_kill') ?? 0n);
    if (count <= seen || isClosed) return;
    seen = count;
    onKill(count);
  };
  const stop =
    directory === undefined
      ? () => undefined
      : layout.version === 1
        ? await notifyV1(directory, check)
        : notifyV2(directory, check);
  return {
    check,
    close: () => {
      if (isClosed) return;
      isClosed = true;
      stop();
    },
  };
}

/** Registers an eventfd for memory.oom_control (cgroup-v1/memory.rst of Linux, section 10). */
async function notifyV1(directory: string, check: () => Promise<void>): Promise<() => void> {
  const event = files.eventFd(0, { nonBlocking: true });
  const timers = new Set<NodeJS.Timeout>();
  try {
    const control = await open(join(directory, 'memory.oom_control'), 'r');
    try {
      await writeFile(join(directory, 'cgroup.event_control'), `${event} ${control.fd}`);
    } finally {
      await control.close();
    }
  } catch (error) {
    files.close(event);
    // A kernel without v1's notifications still counts: `check` sees it at the exit.
    if (isErrno(error, 'ENOENT', 'EINVAL', 'EOPNOTSUPP')) return () => undefined;
    throw error;
  }
  const count = Buffer.alloc(8);
  const watcher = new Watch(event, {
    readable: () => {
      files.read(event, count);
      for (const delay of looks) {
        const timer = setTimeout(() => {
          timers.delete(timer);
          void check().catch(ignoreGone);
        }, delay);
        timers.add(timer);
      }
    },
  });
  watcher.want({ readable: true });
  watcher.unref();
  return () => {
    for (const timer of timers) clearTimeout(timer);
    watcher.close();
    files.close(event);
  };
}

/** The kernel tells inotify(7) of changes of memory.events. */
function notifyV2(directory: string, check: () => Promise<void>): () => void {
  let watcher: FSWatcher;
  try {
    watcher = watch(join(directory, 'memory.events'), { persistent: false }, () => {
      void check().catch(ignoreGone);
    });
  } catch (error) {
    // Each supervisor has one of the user's inotify instances, of which there are few (fs.inotify.max_user_instances):
    // without one the kill is counted when the process has ended.
    if (isErrno(error, 'EMFILE', 'ENFILE', 'ENOSPC')) return () => undefined;
    throw error;
  }
  watcher.on('error', () => watcher.close());
  return () => watcher.close();
}

/** The cgroup may be removed between its last event and our look. Anything else is a fault of ours. */
function ignoreGone(error: unknown): void {
  if (!isErrno(error, 'ENOENT', 'ENODEV')) throw error;
}
