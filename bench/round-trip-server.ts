/** A control server in a process of its own, for bench/round-trip.ts: its methods do nothing. */
import { ControlServer } from '../transport/server/index.ts';

const path = process.argv[2];
if (path === undefined) throw new Error('usage: round-trip-server SOCKET');
const server = await ControlServer.listen([{ kind: 'path', path }], {
  handlers: {
    'containerManager.Wait': () => 0,
    'containerManager.ExecuteAsync': () => 7,
    'containerManager.Destroy': () => null,
  },
});
process.stdout.write('ready\n');
process.stdin.resume().once('end', () => void server.stop({ timeout: 0 }));
