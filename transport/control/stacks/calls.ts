import type { ServerView } from '../server-view.ts';
import { seconds } from './seconds.ts';

/** What clients wait for. */
export function callsUnderWay({ calls, connections }: ServerView, now: number): readonly string[] {
  const clients = `${connections} ${connections === 1 ? 'client' : 'clients'}`;
  return [
    `calls under way, of ${clients}:`,
    ...[...calls]
      .sort((a, b) => a.since - b.since)
      .map(
        ({ method, since, requestId, peer }) =>
          `  ${method}, ${seconds(now - since)} ago, of process ${peer.pid} (${requestId})`,
      ),
  ];
}
