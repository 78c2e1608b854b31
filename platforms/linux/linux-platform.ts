import { silent, type Logger } from '../../log/logger.ts';
import { processes } from '../../native/index.ts';
import type { InitKind, OverlayKind, Platform } from '../platform.ts';
import { cancelled, isAborted } from '../cancelled.ts';
import { LinuxSandbox } from './linux-sandbox.ts';
import { probe } from './probe/index.ts';

export interface LinuxPlatformOptions {
  /** The OCI runtime's binary: `runc` unless set. */
  readonly runtime?: string;
  /** What pid 1 of a container is where neither its creator nor its spec says: see `CreateOptions.init`. */
  readonly init?: InitKind;
  readonly log?: Logger;
  /** The overlay of containers of which neither client nor spec says any: `none` unless set. */
  readonly overlay?: OverlayKind;
}

/** How long an empty sandbox that nobody wants any more may take to close, in ms. */
const closeTimeout = 10_000;

/**
 * Real containers, by the distribution's OCI runtime. This process becomes the parent of their orphaned processes
 * (PR_SET_CHILD_SUBREAPER of prctl(2)) when the first sandbox is opened: so it learns how they end.
 */
export function linuxPlatform(options: LinuxPlatformOptions = {}): Platform {
  const { runtime = 'runc', log = silent, overlay = 'none' } = options;
  return {
    name: 'linux',
    probe: () => probe(runtime),
    openSandbox: async (sandbox, listener, signal) => {
      if (signal.aborted) throw cancelled('open', sandbox.id, signal);
      processes.becomeSubreaper();
      const opened = await LinuxSandbox.open(
        sandbox,
        listener,
        { runtime, init: options.init, overlay },
        log,
      );
      if (!isAborted(signal)) return opened;
      await opened.close(AbortSignal.timeout(closeTimeout));
      throw cancelled('open', sandbox.id, signal);
    },
    adoptSandbox: async (sandbox, request, listener, signal) => {
      if (signal.aborted) throw cancelled('adopt', sandbox.id, signal);
      processes.becomeSubreaper();
      return LinuxSandbox.adopt(
        sandbox,
        request,
        listener,
        { runtime, init: options.init, overlay },
        { log, signal },
      );
    },
  };
}
