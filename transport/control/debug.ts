import { read as readFile } from 'node:fs';
import { promisify } from 'node:util';
import { openFile, readAllProcfs, readAllStacks } from '../../actors/operations/inspect-container.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { files } from '../../native/index.ts';
import type { ProcfsDump } from '../../platforms/inspection.ts';
import type { ReadFileArgs, WireProcfsDump } from '../methods/index.ts';
import type { Call, Handlers } from '../server/index.ts';
import { actorCall } from './call.ts';
import { OutputFile } from './output-file.ts';
import type { ServerView } from './server-view.ts';
import { stacksText } from './stacks/index.ts';

const read = promisify(readFile);

/** Looking inside. */
export function debugHandlers(system: SandboxSystem, view: ServerView): Handlers {
  return {
    'debug.Stacks': async (_arg, call) =>
      stacksText(system, view, await readAllStacks(system, actorCall(call))),
    'containerManager.ProcfsDump': async (_arg, call) =>
      (await readAllProcfs(system, actorCall(call))).flatMap(([cid, dumps]) =>
        dumps.map((dump) => wireDump(cid, dump)),
      ),
    'Fs.Read': (args, call) => copyOut(system, args, call),
  };
}

/** Larger ones cost memory, smaller ones time. */
const pieceSize = 256 * 1024;

async function copyOut(system: SandboxSystem, { CID, path }: ReadFileArgs, call: Call): Promise<number> {
  const output = new OutputFile(call.files.get(0), call.signal);
  try {
    const fd = await openFile(system, CID === '' ? system.id : CID, path, actorCall(call));
    try {
      const piece = Buffer.alloc(pieceSize);
      for (let total = 0; ;) {
        call.signal.throwIfAborted();
        const { bytesRead } = await read(fd, piece, 0, piece.length, null).catch((cause: unknown) => {
          const params = { cid: CID === '' ? system.id : CID, path, why: messageOf(cause) };
          throw new RunstateError('CONTAINER_FILE', params, { cause });
        });
        await output.write(piece.subarray(0, bytesRead));
        if (bytesRead === 0) return total;
        total += bytesRead;
      }
    } finally {
      files.close(fd);
    }
  } finally {
    await output.close();
  }
}

function wireDump(container: string, dump: ProcfsDump): WireProcfsDump {
  const { exe, args, env, cwd, root, limits, pid, ppid, pgid, sid, uid, gid } = dump;
  return {
    ...{ exe, args, env, cwd },
    fdlist: dump.fds,
    clone_ts: BigInt(Math.round(dump.startedAt)) * 1_000_000n,
    ...{ root, limits },
    cgroup: dump.cgroups.map(({ id, controllers, path }) => ({ hierarchy_id: id, controllers, path })),
    status: { comm: dump.command, pid, ppid, uid, gid, vm_size: dump.vmSize, vm_rss: dump.vmRss },
    stat: { pgid, sid },
    container,
  };
}
