import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { Watch, builtFile, files, isSystemError, processes, terminal } from '../../native/index.ts';

/** A grandchild whose parent has ended: with the subreaper set it becomes our child, and not Node's. */
async function orphan(script: string): Promise<number> {
  const shell = spawn('sh', ['-c', `sh -c '${script}' >/dev/null 2>&1 & echo $!`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  shell.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(shell, 'close');
  return Number(text);
}

async function ended(pidfd: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const watch = new Watch(pidfd, {
      readable: () => {
        watch.close();
        resolve();
      },
    });
    watch.want({ readable: true });
  });
}

test.serial('exit statuses of orphans come by pidfd, once, and Node keeps its own children', async (t) => {
  processes.becomeSubreaper();
  const own = once(spawn('sh', ['-c', 'sleep 0.2; exit 9']), 'exit');
  const scripts: readonly (readonly [string, number])[] = [
    ['sleep 0.1; exit 7', 7 << 8],
    ['sleep 0.1; kill -9 $$', 9],
    ['sleep 30', 15],
  ];
  for (const [script, status] of scripts) {
    const pid = await orphan(script);
    const pidfd = processes.openPidfd(pid);
    t.is(processes.waitPidfd(pidfd), undefined);
    processes.signalPidfd(pidfd, 0);
    if (status === 15) processes.kill(pid, 15);
    await ended(pidfd);
    t.is(processes.waitPidfd(pidfd, { leave: true }), status);
    t.is(processes.waitPidfd(pidfd), status);
    t.true(
      isSystemError(
        t.throws(() => processes.waitPidfd(pidfd)),
        'ECHILD',
      ),
    );
    t.true(
      isSystemError(
        t.throws(() => processes.signalPidfd(pidfd, 0)),
        'ESRCH',
      ),
    );
    const kept = processes.pidfdExitStatus(pidfd);
    t.true(kept === undefined || kept === status, `kernel says ${kept}`);
    files.close(pidfd);
  }
  t.deepEqual(await own, [9, null]);
  processes.becomeSubreaper(false);
});

test.serial('a process that does not exist', (t) => {
  t.true(
    isSystemError(
      t.throws(() => processes.openPidfd(4194303)),
      'ESRCH',
    ),
  );
  t.true(
    isSystemError(
      t.throws(() => processes.kill(4194303, 0)),
      'ESRCH',
    ),
  );
});

test.serial('ctty gives its program a controlling terminal', async (t) => {
  const tty = terminal.openTerminal();
  const child = spawn(builtFile('ctty'), ['sh', '-c', 'echo hi >/dev/tty; exit 5'], {
    stdio: [tty.slave, tty.slave, tty.slave],
  });
  t.deepEqual(await once(child, 'exit'), [5, null]);
  const into = new Uint8Array(64);
  const got = files.read(tty.master, into);
  t.is(Buffer.from(into.subarray(0, typeof got === 'number' ? got : 0)).toString(), 'hi\r\n');
  files.close(tty.slave);
  files.close(tty.master);
  const missing = spawn(builtFile('ctty'), ['/nonexistent'], { stdio: 'ignore' });
  t.deepEqual(await once(missing, 'exit'), [126, null], 'standard input is no terminal');
});
