/** Observers in a process of their own, for bench/inspector.ts: `observers ROOT COUNT`. It prints a line when all are told; it ends with its input. */
import { connectSandbox } from '../library/find-sandbox.ts';
import { followSandbox } from '../library/follow-sandbox.ts';

const [root = '', count = ''] = process.argv.slice(2);
const abort = new AbortController();
let told = 0;
const followers = Array.from({ length: Number(count) }, async () => {
  const client = await connectSandbox(root, 'bench');
  let isFirst = true;
  try {
    await followSandbox(client, { withHistory: false, signal: abort.signal }, () => {
      if (!isFirst) return;
      isFirst = false;
      told += 1;
      if (told === Number(count)) process.stdout.write('watching\n');
    });
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    client.close();
  }
});
process.stdin.on('end', () => abort.abort()).resume();
await Promise.all(followers);
