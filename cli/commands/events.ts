import { setTimeout as after } from 'node:timers/promises';
import { Option } from 'commander';
import { errorCodeOf, type ControlClient } from '../../transport/client/index.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import { duration } from '../containers/options.ts';
import type { Context } from '../context.ts';
import { jsonLine } from '../output/json.ts';
import { print } from '../output/print.ts';

interface EventsOptions {
  readonly stats?: boolean;
  readonly interval: number;
}

export const events: CommandModule = {
  define: (command) =>
    command
      .description(
        "Prints the container's counters every few seconds, and every kill for want of memory as it happens, a line\n" +
          'of JSON each, until the container ends. Bytes, nanoseconds and counts, by the names that runc gives them.',
      )
      .argument('<id>', 'the container')
      .option('--stats', 'print the counters once')
      .addOption(
        new Option('--interval <duration>', 'between two readings, e.g. 500ms')
          .argParser(duration)
          .default(5000, '5s'),
      )
      .addHelpText(
        'after',
        examples(
          ['The counters now', 'runstate events --stats c1'],
          ['Watch it', 'runstate events --interval 1s c1'],
        ),
      )
      .action(action(eventsCommand)),
};

async function eventsCommand(
  context: Context,
  id: string,
  { stats, interval }: EventsOptions,
): Promise<void> {
  await withSandbox(context, id, async ({ client }) => {
    if (stats === true) {
      await printStats(client, id);
      return;
    }
    const ended = new AbortController();
    try {
      await Promise.all([
        printKills(client, id, ended.signal).finally(() => ended.abort()),
        printReadings(client, id, interval, ended.signal),
      ]);
    } catch (error) {
      ended.abort();
      throw error;
    }
  });
}

async function printStats(client: ControlClient, id: string): Promise<void> {
  const data = await client.call('runstate.Stats', { CID: id });
  print(jsonLine({ type: 'stats', id, data }));
}

async function printReadings(
  client: ControlClient,
  id: string,
  interval: number,
  ended: AbortSignal,
): Promise<void> {
  for (let readings = 0; ; readings++) {
    try {
      await printStats(client, id);
    } catch (error) {
      // One that was running a moment ago has ended; one that never was is an error.
      if (hasEnded(error) || (readings > 0 && errorCodeOf(error) === 'WRONG_STATE')) return;
      throw error;
    }
    if (await endedWithin(interval, ended)) return;
  }
}

async function endedWithin(ms: number, ended: AbortSignal): Promise<boolean> {
  try {
    await after(ms, undefined, { signal: ended });
    return false;
  } catch (error) {
    if (ended.aborted) return true;
    throw error;
  }
}

/** Resolves when the container has ended. */
async function printKills(client: ControlClient, id: string, signal: AbortSignal): Promise<void> {
  try {
    const { oomKills, status } = await client.call('runstate.State', { CID: id });
    if (status === 'stopped') await client.call('runstate.Stats', { CID: id }, { signal });
    for (let seen = oomKills; ;) {
      const now = await client.call('runstate.WaitOom', { CID: id, Seen: seen }, { signal });
      if (now < 0) return;
      // One line a kill, as runc, also of those that came at once.
      for (; seen < now; seen++) print(jsonLine({ type: 'oom', id }));
    }
  } catch (error) {
    if (!hasEnded(error)) throw error;
  }
}

/** It may end, or be destroyed, between two readings. */
function hasEnded(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'CONTAINER_NOT_FOUND' || code === 'ACTOR_GONE';
}
