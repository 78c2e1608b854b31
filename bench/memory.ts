import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('memory-supervisor.js', import.meta.url));

/** Heap of a supervisor process by its number of idle containers. Rows: containers, heap KiB, KiB for each beyond none, RSS MiB. */
export async function memory(counts: readonly number[]): Promise<string[][]> {
  const none = await measure(0);
  const rows: string[][] = [];
  for (const count of counts) {
    const { heap, rss } = await measure(count);
    rows.push([
      String(count),
      (heap / 1024).toFixed(0),
      ((heap - none.heap) / 1024 / count).toFixed(1),
      (rss / 1024 / 1024).toFixed(0),
    ]);
  }
  return rows;
}

async function measure(count: number): Promise<{ readonly heap: number; readonly rss: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, String(count)]);
  const [heap, rss] = stdout.trim().split(' ').map(Number);
  if (heap === undefined || rss === undefined) throw new Error(`no figures: ${stdout}`);
  return { heap, rss };
}
