import type { SandboxSystem } from '../../actors/sandbox/sandbox-system.ts';
import type { Handlers } from '../server/index.ts';
import { Observer } from './observation/observer.ts';
import { OutputFile } from './output-file.ts';
import type { ServerView } from './server-view.ts';

/** Watching a sandbox. An observer that has gone, or is slow, costs the sandbox nothing. */
export function observeHandlers(system: SandboxSystem, view: ServerView): Handlers {
  return {
    'runstate.Observe': async (_arg, call) => {
      const output = new OutputFile(call.files.get(0), call.signal);
      try {
        await new Observer(system, output).run(view, call.requestId, call.signal);
        return null;
      } finally {
        await output.close();
      }
    },
  };
}
