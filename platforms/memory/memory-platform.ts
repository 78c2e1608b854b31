import { cancelled, isAborted } from '../cancelled.ts';
import type { Platform } from '../platform.ts';
import { MemorySandbox } from './memory-sandbox.ts';

/**
 * Containers that are plain objects: for tests, and for programs that embed runstate and want to see it work where
 * nothing may run. Of a spec it reads the command line, by which one of a few scripted behaviours is chosen (see
 * programs.ts), the user and the limits. Time is real; files are written to by `echo` alone.
 */
export function memoryPlatform(): Platform {
  return {
    name: 'memory',
    probe: () =>
      Promise.resolve({
        platform: 'memory',
        checks: [
          {
            name: 'containers',
            verdict: 'limited',
            detail: 'nothing real runs: containers and processes are objects of this process',
            remedy: 'use the platform linux',
          },
        ],
      }),
    openSandbox: async (options, listener, signal) => {
      if (isAborted(signal)) throw cancelled('open', options.id, signal);
      const sandbox = new MemorySandbox(options, listener);
      await new Promise(setImmediate);
      if (isAborted(signal)) throw cancelled('open', options.id, signal);
      return sandbox;
    },
  };
}
