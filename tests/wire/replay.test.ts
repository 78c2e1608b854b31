/** Every recorded request is said again over a real control socket, to real containers. */
import { real, withSandbox } from '../control/support.ts';
import { lives2019, methodOf } from './recordings.ts';
import { Replay, errorIn } from './replay.ts';
import { compareShapes } from './shape.ts';

/** What our replies have beside what was recorded: clients of the original pass over it. */
const additions: Readonly<Record<string, readonly string[]>> = {
  'containerManager.Event': [
    'cpu',
    'blkio',
    'memory.cache',
    'memory.raw',
    'memory.usage.max',
    'memory.swap.usage',
    'memory.kernel.usage',
    'memory.kernelTCP.usage',
    'pids.limit',
    // The original leaves it out where it is 0, as in a container that was not started: there is no process yet.
    'pids.current',
  ].map((name) => `result.data.${name}`),
};
const additionsOfErrors = ['code', 'params'];

/** Where our reply is another, by command. */
const otherReplies = new Map([
  // The original froze a sandbox that had not started, and its client fell over that: `panic: invalid state
  // transition: created => paused`. Here it is refused.
  ['pause-created', '{"success":false,"err":"cannot pause sandbox \\"c5\\" in state created","result":null}'],
]);

/** Where our sentence is another: runc's, which names the state. */
const otherWords = new Map([
  [
    'signaling process in container "sub1" PID 0: no such process',
    'cannot signal container "sub1" in state stopped: container not running',
  ],
]);

for (const life of lives2019)
  real(`2019: the calls of ${life.sandbox}, ${life.about}, get replies of the recorded shape`, (t) =>
    withSandbox(t, async (bench) => {
      await (life.begins === 'created' ? bench.create : bench.run)(bench.id, life.script);
      const replayed = await new Replay(bench, life).run();
      t.is(replayed.length, life.calls.length);
      for (const { call, reply, wrote } of replayed) {
        // Those that were left without a reply wait for a process: theirs is its status.
        const recorded =
          otherReplies.get(call.command) ?? call.reply ?? '{"success":true,"err":"","result":0}';
        const what = `${call.command}: ${call.request} was answered ${reply}, not ${recorded}`;
        const { lacks, adds } = compareShapes(recorded, reply);
        t.deepEqual(lacks, [], what);
        const error = errorIn(recorded);
        const known = error === '' ? additions[methodOf(call.request)] : additionsOfErrors;
        t.deepEqual(
          adds.filter((name) => known?.includes(name) !== true),
          [],
          what,
        );
        t.is(errorIn(reply).replaceAll(bench.id, life.sandbox), otherWords.get(error) ?? error, what);
        t.is(wrote, call.writes, what);
      }
    }),
  );
