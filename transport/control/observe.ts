import { inspectActor } from '../../actors/operations/inspect-actor.ts';
import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import { RunstateError } from '../../errors/index.ts';
import type { Handlers } from '../server/index.ts';
import { actorCall } from './call.ts';
import { Observer } from './observation/observer.ts';
import type { Recorder } from './observation/recorder.ts';
import { OutputFile } from './output-file.ts';

/** It is kept, as all that happens. */
const longestNote = 1000;

/** Watching a sandbox. An observer that has gone, or is slow, costs the sandbox nothing. */
export function observeHandlers(system: SandboxSystem, recorder: Recorder): Handlers {
  return {
    'runstate.Observe': async ({ History }, call) => {
      const output = new OutputFile(call.files.get(0), call.signal);
      try {
        await new Observer(recorder, output).run(History, call.signal);
        return null;
      } finally {
        await output.close();
      }
    },
    'runstate.Inspect': async ({ Kind, ID }, call) => {
      const seen = await inspectActor(system, Kind, ID, actorCall(call));
      return {
        ...{ Kind, ID, State: seen.state, Path: seen.path, Since: seen.since, Deadline: seen.deadline },
        Public: seen.publicState,
        Events: seen.events.map(({ event, refusal }) => ({ Event: event, Refusal: refusal })),
        Pending: seen.pending.map(({ id, verb, since }) => ({ ID: id, Verb: verb, Since: since })),
        ...(seen.observed === undefined
          ? {}
          : {
              Observed: {
                Init: seen.observed.init,
                Frozen: seen.observed.isFrozen,
                Processes: seen.observed.processes,
              },
            }),
        Differences: seen.differences,
      };
    },
    'runstate.Note': ({ Text }) => {
      if (Text === '' || Text.length > longestNote)
        throw new RunstateError('INVALID_ARGUMENT', {
          what: `a note has from 1 to ${longestNote} letters, not ${Text.length}`,
        });
      recorder.note(Text);
      return null;
    },
  };
}
