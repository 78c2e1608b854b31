import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { silent } from '../../../log/logger.ts';
import { LinuxContainer } from '../../../platforms/linux/container/linux-container.ts';
import { until } from './support/sandbox.ts';

const listener = { exited: () => undefined, oomKilled: () => undefined };

/** A process that is nobody's child here. */
const orphan = (): number =>
  Number(execFileSync('sh', ['-c', 'sleep 100 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' }));

test('who lives outside of the tree below pid 1 is named, until it has ended', async (t) => {
  const container = new LinuxContainer('c', mkdtempSync(join(tmpdir(), 'rs-')), listener, silent);
  t.teardown(() => rmSync(container.directory, { recursive: true }));
  t.teardown(() => container.close());
  const [inside, outside] = [orphan(), orphan()];
  t.teardown(() => process.kill(inside, 'SIGKILL'));
  container.watchExec({ pid: 7, hostPid: inside });
  container.watchExec({ pid: 8, hostPid: outside, stranger: 'sleep' });
  t.deepEqual(container.strangers(), [{ pid: 8, command: 'sleep' }]);
  process.kill(outside, 'SIGKILL');
  await until(() => container.strangers().length === 0, 'it is still named');
});
