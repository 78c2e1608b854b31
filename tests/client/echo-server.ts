/**
 * A control server that is a program of its own, for tests of the client: node echo-server.js PATH. It prints a line
 * when it listens, and one when a call that waits was aborted.
 */
import { files } from '../../native/index.ts';
import { ControlServer, WithFiles } from '../../transport/server/index.ts';
import type { WireStats } from '../../transport/methods/index.ts';

/** Counters that all have the value of the last capabilities that came. */
let value = 0n;

const memory = (): { limit: bigint; failcnt: bigint } => ({ limit: value, failcnt: value });

const stats = (): WireStats => ({
  cpu: {
    usage: { total: value, kernel: value, user: value },
    throttling: { periods: value, throttledPeriods: value, throttledTime: value },
  },
  memory: {
    cache: value,
    usage: memory(),
    swap: memory(),
    kernel: memory(),
    kernelTCP: memory(),
    raw: { value },
  },
  pids: {},
  blkio: { ioServiceBytesRecursive: [], ioServicedRecursive: [] },
});

await ControlServer.listen([{ kind: 'path', path: process.argv[2] ?? '' }], {
  handlers: {
    // Writes the arguments to the file that came with it, and sends back a pipe with the same in it.
    'containerManager.ExecuteAsync': ({ argv, Capabilities }, call) => {
      value = Capabilities?.EffectiveCaps ?? 0n;
      const text = Buffer.from(argv.join(' '));
      if (call.files.length === 0) return 0;
      files.write(call.files.get(0), text);
      const { read, write } = files.pipe();
      files.write(write, text);
      files.close(write);
      return new WithFiles(call.files.length, [read]);
    },
    'runstate.Stats': stats,
    'containerManager.Create': () => null,
    'containerManager.Destroy': () => {
      process.kill(process.pid, 'SIGKILL');
      return null;
    },
    'containerManager.Wait': (_cid, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          console.log('aborted');
          resolve(0);
        });
      }),
  },
});
console.log('listening');
