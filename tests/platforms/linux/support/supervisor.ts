/**
 * A process of its own that has a sandbox with two containers, one of them frozen, and waits to be killed.
 * Arguments: the sandbox's id, its directory, a root file system, and optionally `memory` for overlays.
 */
import { linuxPlatform } from '../../../../platforms/linux/index.ts';
import { shell, soon } from './sandbox.ts';

const [id = '', directory = '', rootfs = '', overlay] = process.argv.slice(2);
const listener = { exited: () => undefined, oomKilled: () => undefined };
const sandbox = await linuxPlatform(overlay === 'memory' ? { overlay } : {}).openSandbox(
  { id, directory },
  listener,
  soon(),
);
const pids: (number | undefined)[] = [];
for (const cid of [id, 'sub']) {
  const spec = shell(rootfs, 'sleep 1000 & while :; do sleep 0.01; done');
  const { hostPid } = await sandbox.create(
    { cid, isRoot: cid === id, bundle: directory, spec, files: [] },
    soon(),
  );
  await sandbox.start(cid, soon());
  pids.push(hostPid);
}
await sandbox.freeze('sub', soon());
await sandbox.freeze(undefined, soon());
console.log(JSON.stringify(pids));
