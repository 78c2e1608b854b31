/** Every recorded request is said again over a real control socket, to real containers. */
import { realOneByOne, withSandbox } from '../control/support.ts';
import { evidence } from '../support/evidence.ts';
import { lives2019, lives2022, methodOf } from './recordings.ts';
import { Replay, errorIn } from './replay.ts';
import { compareShapes } from './shape.ts';

/** What our counters have beside what was recorded: clients of the original pass over it. */
const counters = [
  'cpu',
  'cpu.usage.total',
  'cpu.usage.kernel',
  'cpu.usage.user',
  'cpu.throttling',
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
];
/** By year, as what is new in one is there for the other, too. */
const additions: Readonly<Record<number, Readonly<Record<string, readonly string[]>>>> = {
  2019: {
    'containerManager.Event': [
      ...counters.map((name) => `result.data.${name}`),
      'result.event',
      'result.containerUsage',
    ],
    'containerManager.Processes': ['result[].threads', 'result[].tty'],
  },
  2022: {
    'containerManager.Event': [
      ...counters.map((name) => `result.event.data.${name}`),
      ...['result.type', 'result.id', 'result.data'],
    ],
  },
};
const additionsOfErrors = ['code', 'params'];

/** Where our reply is another, by command. */
const otherReplies = new Map([
  // The original froze a sandbox that had not started, and its client fell over that: `panic: invalid state
  // transition: created => paused`. Here it is refused.
  ['pause-created', '{"success":false,"err":"cannot pause sandbox \\"c5\\" in state created","result":null}'],
]);

/** Where our sentence is another: runc's, which names the state; or of 2019. */
const otherWords = new Map([
  [
    'failed to load /bin/nonexistent: no such file or directory',
    'Failed to load /bin/nonexistent: no such file or directory',
  ],
  [
    'signaling process in container "sub1" PID 0: no such process',
    'cannot signal container "sub1" in state stopped: container not running',
  ],
]);

for (const [year, life] of [
  ...lives2019.map((life) => [2019, life] as const),
  ...lives2022.map((life) => [2022, life] as const),
])
  // A process has one profile at a time.
  realOneByOne(
    `${year}: the calls of ${life.sandbox}, ${life.about}, get replies of the recorded shape`,
    (t) =>
      withSandbox(t, async (bench) => {
        await (life.begins === 'created' ? bench.create : bench.run)(bench.id, life.script);
        const replayed = await new Replay(bench, life).run();
        t.is(replayed.length, life.calls.length);
        for (const { call, reply, wrote } of replayed) {
          // Those that were left without a reply wait for a process: theirs is its status.
          const recorded =
            otherReplies.get(call.command) ?? call.reply ?? '{"success":true,"err":"","result":0}';
          const what = `${call.command}: ${call.request} was answered ${reply}, not ${recorded}`;
          const { lacks, adds } = compareShapes(recorded, reply.replaceAll(bench.id, life.sandbox));
          t.deepEqual(lacks, [], what);
          const error = errorIn(recorded);
          const method = methodOf(call.request);
          const known = error === '' ? (additions[year]?.[method] ?? []) : additionsOfErrors;
          t.deepEqual(
            // Processor time is told by container.
            adds.filter((name) => !known.includes(name) && !name.startsWith('result.containerUsage.')),
            [],
            what,
          );
          t.is(errorIn(reply).replaceAll(bench.id, life.sandbox), otherWords.get(error) ?? error, what);
          t.is(wrote, call.writes, what);
          if (error === '') evidence(t, { client: `recorded ${year}`, method });
        }
      }),
  );
