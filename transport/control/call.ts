import { Files } from '../../actors/files.ts';
import type { Call as ActorCall } from '../../actors/call.ts';
import { closeAll } from '../socket/file-queue.ts';
import type { Call } from '../server/index.ts';

/** What of a call over the wire accompanies it through the actors. */
export function actorCall(call: Call): ActorCall {
  return { signal: call.signal, correlation: call.requestId, log: call.log };
}

/** Takes all the call's files as a process's descriptors, by their order. */
export function processFiles(call: Call): Files {
  const taken: number[] = [];
  for (let index = 0; index < call.files.length; index++) taken.push(call.files.take(index));
  return holding(taken);
}

/** Files that are closed when nobody needs them any more. */
export function holding(descriptors: readonly number[], rootDirectory?: number): Files {
  const all = rootDirectory === undefined ? descriptors : [...descriptors, rootDirectory];
  return new Files(descriptors, () => closeAll(all), rootDirectory);
}
