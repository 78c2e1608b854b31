import { setTimeout as after } from 'node:timers/promises';
import { RunstateError } from '../../errors/index.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import { profiles, type StopOwn } from '../../profiling/profiles.ts';
import type { Call, Handlers } from '../server/index.ts';
import { OutputFile } from './output-file.ts';

/** Profiles of the supervisor's process: the original's names, and those of later releases. */
export function profileHandlers(owner: SandboxSystem): Handlers {
  return {
    'Profile.StartCPUProfile': async (_arg, call) => {
      await kept(call, (output) => profiles.startCpu(output, owner));
      return null;
    },
    'Profile.StopCPUProfile': async () => {
      await profiles.stopCpu();
      return null;
    },
    'Profile.HeapProfile': async (_arg, call) => {
      await profiles.heap(new OutputFile(call.files.get(0), call.signal));
      return null;
    },
    'Profile.StartTrace': async (_arg, call) => {
      await kept(call, (output) => profiles.startTrace(output, owner));
      return null;
    },
    'Profile.StopTrace': async () => {
      await profiles.stopTrace();
      return null;
    },
    'Profile.CPU': async ({ duration }, call) => {
      checkDuration(duration, call);
      // Somebody else may have stopped it meanwhile, and begun another.
      const stop = await kept(call, (output) => profiles.startCpu(output, owner));
      await during(duration, call, stop);
      return null;
    },
    'Profile.Heap': async ({ delay }, call) => {
      checkDuration(delay, call);
      await during(delay, call, () => profiles.heap(new OutputFile(call.files.get(0), call.signal)));
      return null;
    },
    'Profile.Trace': async ({ duration }, call) => {
      checkDuration(duration, call);
      const stop = await kept(call, (output) => profiles.startTrace(output, owner));
      await during(duration, call, stop);
      return null;
    },
  };
}

/** The output outlives the call: whoever stops the profile closes it. */
async function kept(call: Call, start: (output: OutputFile) => Promise<StopOwn>): Promise<StopOwn> {
  const output = new OutputFile(call.files.get(0));
  try {
    return await start(output);
  } catch (error) {
    await output.close();
    throw error;
  }
}

/** In ns: as long as a profile may take. The original's command line asks for an hour unless told otherwise. */
const longest = 3600n * 1_000_000_000n;

/** @throws RunstateError INVALID_ARGUMENT */
function checkDuration(nanoseconds: bigint, { method }: Call): void {
  if (nanoseconds >= 0n && nanoseconds <= longest) return;
  const what = `${method} takes 0 to 3600 seconds, in nanoseconds: not ${nanoseconds}`;
  throw new RunstateError('INVALID_ARGUMENT', { what });
}

/** Waits so many nanoseconds, then ends what was begun: at once when the client goes away. */
async function during(nanoseconds: bigint, { signal }: Call, end: () => Promise<void>): Promise<void> {
  try {
    await after(Number(nanoseconds / 1_000_000n), undefined, { signal });
  } catch (error) {
    // What there is of it is written all the same.
    if (!signal.aborted) throw error;
  }
  await end();
}
