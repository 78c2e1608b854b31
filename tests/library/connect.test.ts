/** A sandbox outlives the program that made it, and others can connect to it. */
import { setTimeout as after } from 'node:timers/promises';
import { Sandbox } from 'runstate';
import { program, real, rootfs, shell, withPlace } from './support.ts';

/** A program that makes a sandbox, says so, and goes on with `then`. */
const maker = (root: string, id: string, then: string): string => `
  import { Sandbox } from 'runstate';
  const options = ${JSON.stringify({ root, id, rootfs })};
  const sandbox = await Sandbox.create(options);
  const counter = await sandbox.run(['/bin/sh', '-c', 'trap "exit 5" TERM; while :; do sleep 0.02; done']);
  console.log(counter.id);
  ${then}
`;

real('another process connects, sees the same containers, and leaves it alone when it goes', (t) =>
  withPlace(t, 'connect', async ({ create, root, id }) => {
    await using sandbox = await create();
    const script = `
      import { Sandbox } from 'runstate';
      await using sandbox = await Sandbox.connect(${JSON.stringify(id)}, { root: ${JSON.stringify(root)} });
      const { stdout } = await (await sandbox.root.exec(['/bin/hostname'])).output();
      const other = await sandbox.run(['/bin/sleep', '1000'], { stdout: 'ignore', stderr: 'ignore' });
      console.log(stdout.trim(), other.id);
    `.replace('await using', 'const');
    const other = program(`${script}\nsandbox.close();`);
    const [hostname, made] = (await other.line()).split(' ');
    t.is(await other.ended, 0);
    t.is(hostname, (await shell(sandbox.root, 'hostname')).stdout.trim());
    t.deepEqual(
      (await sandbox.containers()).map((one) => [one.id, one.status]),
      [
        [id, 'running'],
        [made, 'running'],
      ],
    );
    const second = await Sandbox.connect(id, { root });
    await second[Symbol.asyncDispose]();
    t.is((await sandbox.root.state()).status, 'running');
  }),
);

real('a program that is killed leaves its sandbox, which can be connected to and destroyed', (t) =>
  withPlace(t, 'crash', async ({ root, id }) => {
    const maker_ = program(maker(root, id, 'await new Promise((resolve) => setTimeout(resolve, 1e6));'));
    const counter = await maker_.line();
    maker_.child.kill('SIGKILL');
    t.is(await maker_.ended, 'SIGKILL');
    await after(100);
    const sandbox = await Sandbox.connect(id, { root });
    const states = await sandbox.containers();
    t.deepEqual(
      states.map((one) => [one.id, one.status]),
      [
        [id, 'running'],
        [counter, 'running'],
      ],
    );
    t.is((await shell(sandbox.root, 'echo alive')).stdout, 'alive\n');
    await sandbox.container(counter).signal('TERM');
    t.deepEqual(await sandbox.container(counter).wait(), { kind: 'exited', code: 5 });
    await sandbox.destroy();
  }),
);

real('a program that ends without destroying its sandbox ends at once, and leaves it', (t) =>
  withPlace(t, 'leave', async ({ root, id }) => {
    const maker_ = program(maker(root, id, ''));
    await maker_.line();
    t.is(await maker_.ended, 0);
    const sandbox = await Sandbox.connect(id, { root });
    t.is((await sandbox.containers()).length, 2);
    await sandbox.destroy();
  }),
);
