import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Option } from 'commander';
import { RunstateError, messageOf } from '../../errors/index.ts';
import type { ControlClient } from '../../transport/client/index.ts';
import { encode } from '../../transport/codec/index.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import type { Context } from '../context.ts';
import { print } from '../output/print.ts';
import { positiveFraction } from '../containers/options.ts';

interface DebugOptions {
  readonly stacks?: boolean;
  readonly metrics?: boolean;
  readonly procfs?: boolean;
  readonly profileCpu?: string;
  readonly profileHeap?: string;
  readonly trace?: string;
  /** Seconds. */
  readonly duration: number;
  readonly logLevel?: 'debug' | 'info' | 'warning' | 'error';
  readonly strace?: string;
}

export const debug: CommandModule = {
  define: (command) =>
    command
      .description(
        'Looks inside a sandbox and its supervisor: where everything stands, what costs time and memory, and what is\n' +
          'logged. Several flags may be given at once.',
      )
      .argument('<id>', 'a container; all but what it says of itself is of its sandbox')
      .option(
        '--stacks',
        'print the charts with their states, the calls under way, and the stacks of the supervisor and of all processes',
      )
      .option('--metrics', "print the sandbox's metrics in Prometheus' text format")
      .option('--procfs', 'print what the kernel knows of all processes, as JSON, a line each')
      .option('--profile-cpu <file>', "write a profile of the supervisor's processor time, in pprof's format")
      .option('--profile-heap <file>', "write a profile of the supervisor's heap, in pprof's format")
      .option('--trace <file>', 'write a trace of the supervisor and its transitions, for ui.perfetto.dev')
      .option('--duration <seconds>', 'how long a profile or a trace is taken', positiveFraction, 5)
      .addOption(
        new Option('--log-level <level>', "of the supervisor's log, from now on").choices([
          ...(['debug', 'info', 'warning', 'error'] as const),
        ]),
      )
      .option(
        '--strace <calls>',
        "log system calls of all containers: 'all', or names with commas; 'off' ends it (it slows them down)",
      )
      .addHelpText(
        'after',
        examples(
          ['What does it wait for?', 'runstate debug --stacks c1'],
          ['What does the supervisor do?', 'runstate debug --profile-cpu cpu.pb.gz --duration 10 c1'],
          ['Which files does a program open?', 'runstate debug --strace openat,execve c1'],
        ),
      )
      .action(action(debugCommand)),
};

async function debugCommand(context: Context, id: string, options: DebugOptions): Promise<void> {
  const { stacks, metrics, procfs, profileCpu, profileHeap, trace, logLevel, strace } = options;
  const asked = [stacks, metrics, procfs, profileCpu, profileHeap, trace, logLevel, strace];
  if (asked.every((one) => one === undefined))
    throw new RunstateError('USAGE', {
      why: 'say what to look at, e.g. --stacks (see runstate debug --help)',
    });
  await withSandbox(context, id, async ({ client }) => {
    await changeLogging(client, options);
    if (stacks === true) print(await client.call('debug.Stacks', null));
    if (metrics === true) print((await client.call('Metrics.Export', { only_metrics: '' })).text);
    if (procfs === true)
      for (const dump of await client.call('containerManager.ProcfsDump', null)) print(`${encode(dump)}\n`);
    await profile(client, options);
  });
}

async function changeLogging(client: ControlClient, { logLevel, strace }: DebugOptions): Promise<void> {
  if (logLevel === undefined && strace === undefined) return;
  const calls = strace === undefined || strace === 'off' || strace === 'all' ? [] : strace.split(',');
  await client.call('Logging.Change', {
    SetLevel: logLevel !== undefined,
    Level: logLevel ?? '',
    SetStrace: strace !== undefined,
    EnableStrace: strace !== undefined && strace !== 'off',
    StraceAllowlist: calls,
    StraceWhitelist: [],
    ...{ SetLogPackets: false, LogPackets: false, SetEventStrace: false },
    ...{ StraceEventWhitelist: [], StraceEventAllowlist: [] },
  });
}

/** All at the same time, as each takes its time. */
async function profile(client: ControlClient, options: DebugOptions): Promise<void> {
  const { profileCpu, profileHeap, trace } = options;
  const duration = BigInt(Math.round(options.duration * 1e9));
  await Promise.all([
    into(profileCpu, (files) => client.call('Profile.CPU', { duration }, { files })),
    into(trace, (files) => client.call('Profile.Trace', { duration }, { files })),
    into(profileHeap, (files) => client.call('Profile.Heap', { delay: 0n }, { files })),
  ]);
}

/** A file that was made here, and that nothing could be written to, is not left behind; others stay as they are. */
async function into(
  path: string | undefined,
  fill: (files: readonly number[]) => Promise<unknown>,
): Promise<void> {
  if (path === undefined) return;
  const { fd, isNew } = openOutput(path);
  try {
    await fill([fd]);
  } catch (error) {
    if (isNew) rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** What is there already is not emptied: what is written ends it. @throws RunstateError USAGE */
function openOutput(path: string): { readonly fd: number; readonly isNew: boolean } {
  try {
    return { fd: openSync(path, 'wx', 0o600), isNew: true };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw unfit(error);
  }
  try {
    return { fd: openSync(path, constants.O_WRONLY), isNew: false };
  } catch (error) {
    throw unfit(error);
  }
}

const unfit = (cause: unknown): RunstateError =>
  new RunstateError('USAGE', { why: messageOf(cause) }, { cause });
