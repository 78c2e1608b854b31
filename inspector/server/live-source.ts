import { listSandboxes } from '../../actors/run-directory/index.ts';
import { checkId } from '../../oci/index.ts';
import { connectSandbox } from '../../library/find-sandbox.ts';
import { followSandbox } from '../../library/follow-sandbox.ts';
import type { ControlClient } from '../../transport/client/index.ts';
import { askFor } from './ask-for.ts';
import { liveViews } from './live-views.ts';
import type { ListedSandbox, Source } from './source.ts';

/** How long one sandbox may keep the page waiting, in ms; and the list of all. */
const timeout = 5000;
const listTimeout = 1000;

/** The sandboxes below a root directory. Of one that no page looks at only its state is asked, for the list. */
export function liveSource(root: string): Source {
  const clients = new Map<string, Promise<ControlClient>>();
  /** One client for all that is asked of a sandbox; made anew when it could not be had, or was lost. */
  const clientOf = async (id: string): Promise<ControlClient> => {
    checkId(id);
    const known = clients.get(id);
    if (known !== undefined) return known;
    const made = connectSandbox(root, id);
    clients.set(id, made);
    made.catch(() => {
      if (clients.get(id) === made) clients.delete(id);
    });
    return made;
  };
  const forget = (id: string): void => {
    const client = clients.get(id);
    clients.delete(id);
    void client?.then(
      (one) => one.close(),
      () => undefined,
    );
  };
  const stateOf = async (id: string): Promise<ListedSandbox> => {
    try {
      const client = await clientOf(id);
      const { State } = await client.call(
        'runstate.Inspect',
        { Kind: 'sandbox', ID: id },
        { timeout: listTimeout },
      );
      return { id, state: State };
    } catch {
      // Its supervisor has died or hangs, or it was destroyed meanwhile: the list says no more than that.
      return { id, state: '' };
    }
  };
  return {
    kind: 'live',
    sandboxes: () => Promise.all(listSandboxes(root).map(stateOf)),
    follow: async (id, signal, onLines) => {
      // By a connection of its own, as it takes as long as somebody looks.
      const client = await connectSandbox(root, checkId(id));
      try {
        await followSandbox(client, { withHistory: true, signal }, onLines);
      } finally {
        client.close();
        // Others may be asking by the client that all share, unless nobody is there to be asked.
        if (!signal.aborted) forget(id);
      }
    },
    inspect: async (id, actor) => (await clientOf(id)).call('runstate.Inspect', actor, { timeout }),
    views: async (id) => liveViews(await clientOf(id), id),
    ask: async (id, request) => askFor(await clientOf(id), id, request),
    [Symbol.asyncDispose]: async () => {
      const all = await Promise.allSettled(clients.values());
      for (const one of all) if (one.status === 'fulfilled') one.value.close();
    },
  };
}
