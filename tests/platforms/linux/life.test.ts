import test from 'ava';
import { open, soon, whyNot } from './support/sandbox.ts';

const reason = whyNot();
if (reason !== undefined) console.log(`tests of the Linux platform are skipped: ${reason}`);
const serial = reason === undefined ? test.serial : test.serial.skip;

serial(
  'a container lives: create, start, exec, signal, destroy; each end is told once, with its status',
  async (t) => {
    const { id, sandbox, exits, exit, create, exec } = await open(t);
    await create(id, 'trap "exit 7" TERM; while :; do sleep 0.05; done');
    t.deepEqual(exits, []);
    await sandbox.start(id, soon());
    const one = await exec(id, 'exit 3');
    t.true(one.pid > 1);
    t.deepEqual(await exit(id, one.pid), { kind: 'exited', code: 3 });
    const two = await exec(id, 'kill -USR1 $$');
    t.deepEqual(await exit(id, two.pid), { kind: 'signaled', signal: 10, coreDumped: false });
    await sandbox.signal(id, { kind: 'init' }, 15);
    t.deepEqual(await exit(id), { kind: 'exited', code: 7 });
    await sandbox.destroy(id, soon());
    t.is(exits.length, 3);
  },
);
