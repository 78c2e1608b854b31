// A sandbox with two containers: node examples/hello.mjs (as root, after npm run setup)
import { Sandbox } from 'runstate';

const sandbox = await Sandbox.create({
  rootfs: 'build/rootfs', // a directory, or a tar file
  limits: { memory: '256m', cpus: 1, pids: 100 },
});
try {
  // A process in the root container, its output collected.
  const run = await sandbox.root.exec(['sh', '-c', 'echo "hello from $(hostname)"; exit 3'], {
    timeout: 5000,
  });
  const { stdout, exitCode } = await run.output();
  console.log(stdout.trim(), `(exit code ${exitCode})`);

  // Another container, whose output is a stream.
  const counter = await sandbox.run(['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.1; done']);
  for await (const piece of counter.stdout) console.log('it counts:', String(piece).trim());
  console.log('it ended:', await counter.wait());

  // The whole sandbox stands still, and goes on.
  await sandbox.pause();
  console.log('it is', (await sandbox.root.state()).status);
  await sandbox.resume();
  console.log('its processes:', (await sandbox.processes()).map(({ cmd }) => cmd).join(', '));
} finally {
  await sandbox.destroy();
}
