import { RunstateError } from '../../errors/index.ts';
import type { ControlClient } from '../../transport/client/index.ts';
import type { ControlRequest } from './source.ts';

/** In ms. */
const timeout = 60_000;

/**
 * Asks a sandbox for a change, by the methods that anybody would use; a note before it says that it was an inspector.
 * @throws RunstateError what the method does
 */
export async function askFor(client: ControlClient, id: string, request: ControlRequest): Promise<void> {
  const { action, cid, signal, level } = request;
  const what = [action, cid, signal, level].filter((one) => one !== undefined).join(' ');
  await client.call('runstate.Note', { Text: `an inspector asks: ${what}` }, { timeout });
  switch (action) {
    case 'sandbox-pause':
      await client.call('containerManager.Pause', null, { timeout });
      return;
    case 'sandbox-resume':
      await client.call('containerManager.Resume', null, { timeout });
      return;
    case 'start':
      await client.call('runstate.Start', { CID: cid }, { timeout });
      return;
    case 'pause':
      await client.call('runstate.PauseContainer', { CID: cid }, { timeout });
      return;
    case 'resume':
      await client.call('runstate.ResumeContainer', { CID: cid }, { timeout });
      return;
    case 'signal':
      if (signal === undefined) throw new RunstateError('USAGE', { why: 'a signal has a number' });
      await client.call('containerManager.Signal', { CID: cid, Signo: signal, PID: 0, Mode: 0 }, { timeout });
      return;
    case 'destroy':
      await client.call('containerManager.Destroy', cid || id, { timeout });
      return;
    case 'log-level':
      await client.call('Logging.Change', { ...unchanged, SetLevel: true, Level: level ?? '' }, { timeout });
  }
}

const unchanged = {
  ...{ SetLogPackets: false, LogPackets: false, SetStrace: false, EnableStrace: false },
  ...{ SetEventStrace: false, StraceAllowlist: [], StraceWhitelist: [] },
  ...{ StraceEventAllowlist: [], StraceEventWhitelist: [] },
};
