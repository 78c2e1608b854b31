import { files } from '../../native/index.ts';
import { readToEnd } from './read-to-end.ts';
import type { ControlClient } from '../../transport/client/index.ts';
import type { LiveViews } from './source.ts';

/** In ms: beside what a profile takes by itself. */
const timeout = 10_000;

export function liveViews(client: ControlClient, id: string): LiveViews {
  return {
    stacks: () => client.call('debug.Stacks', null, { timeout }),
    processes: (cid) => client.call('containerManager.Processes', cid || id, { timeout }),
    stats: (cid) => client.call('runstate.Stats', { CID: cid || id }, { timeout }),
    cpuProfile: async (seconds) => {
      const pipe = files.pipe();
      const failed = new AbortController();
      const reading = readToEnd(pipe.read, failed.signal);
      // What went wrong with the call is what is told.
      reading.catch(() => undefined);
      try {
        const duration = BigInt(Math.round(seconds * 1e9));
        const patience = seconds * 1000 + timeout;
        await client.call('Profile.CPU', { duration }, { files: [pipe.write], timeout: patience });
      } catch (error) {
        failed.abort();
        throw error;
      } finally {
        files.close(pipe.write);
      }
      return reading;
    },
  };
}
