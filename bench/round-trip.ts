import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecArgs } from '../transport/client/index.ts';
import { ControlClient } from '../transport/client/index.ts';
import { Measurements } from './measure.ts';
import { summarize } from './statistics.ts';
import { ms } from './table.ts';

const program = fileURLToPath(new URL('round-trip-server.js', import.meta.url));
const execArgs: ExecArgs = {
  filename: '/bin/true',
  argv: ['/bin/true'],
  envv: [],
  wd: '/',
  KUID: 0,
  KGID: 0,
  ExtraKGIDs: [],
  Capabilities: null,
  StdioIsPty: false,
  ContainerID: 'c',
};

/** Times calls whose handlers do nothing, from this process to a server in another. Rows: what, median, p99. */
export async function roundTrips(count: number): Promise<string[][]> {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-bench-'));
  const path = join(directory, 'control.sock');
  const server = spawn(process.execPath, [program, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const file = openSync('/dev/null', 'r');
  const client = new ControlClient([{ kind: 'path', path }]);
  const times = new Measurements();
  const megabyte = 'x'.repeat(1024 * 1024);
  try {
    await once(server.stdout, 'data');
    for (let i = -count / 10; i < count; i++) {
      const name = i < 0 ? 'warm-up' : '';
      await times.time(`tiny${name}`, () => client.call('containerManager.Wait', 'c'));
      await times.time(`1 file${name}`, () =>
        client.call('containerManager.ExecuteAsync', execArgs, { files: [file] }),
      );
      if (i % 10 === 0)
        await times.time(`1 MiB${name}`, () => client.call('containerManager.Destroy', megabyte));
    }
  } finally {
    client.close();
    closeSync(file);
    server.stdin.end();
    if (server.exitCode === null) await once(server, 'exit');
    rmSync(directory, { recursive: true });
  }
  return ['tiny', '1 file', '1 MiB'].map((name) => {
    const { median, p99, count: measured } = summarize(times.of(name));
    return [name, ms(median), ms(p99), String(measured)];
  });
}
