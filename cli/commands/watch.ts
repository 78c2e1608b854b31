import { RunstateError } from '../../errors/index.ts';
import { followSandbox } from '../../library/follow-sandbox.ts';
import { isObservation } from '../../observation/export-file.ts';
import type { ControlClient, Observation } from '../../transport/client/index.ts';
import { action, examples, type CommandModule } from '../command.ts';
import { withSandbox } from '../containers/connect.ts';
import type { Context } from '../context.ts';
import { print } from '../output/print.ts';
import { Interrupts } from '../signals/interrupts.ts';
import { drawScene, happeningText } from '../watch/draw.ts';
import { Scene } from '../watch/scene.ts';

interface WatchOptions {
  readonly format: 'text' | 'json';
}

export const watch: CommandModule = {
  define: (command) =>
    command
      .description(
        'Shows a sandbox live, until it is gone or ^C: its statecharts with their states, and below what happens, each call\n' +
          'and each transition. Without a terminal, or with --format json, it prints a line of each.',
      )
      .argument('<id>', 'of a container; its whole sandbox is shown')
      .option('--format <format>', "'text', or 'json': the lines as the sandbox tells them", 'text')
      .addHelpText(
        'after',
        examples(
          ['See what a checkpoint does', 'runstate watch web'],
          ['Keep what happened', 'runstate watch --format json web > web.jsonl'],
        ),
      )
      .action(action(watchCommand)),
};

async function watchCommand(context: Context, id: string, { format }: WatchOptions): Promise<void> {
  await withSandbox(context, id, async ({ client }) => {
    using interrupts = new Interrupts();
    if (format === 'json') await follow(client, interrupts.signal, (line) => print(`${line}\n`));
    else if (process.stdout.isTTY) await show(client, interrupts.signal);
    else await list(client, interrupts.signal);
  });
}

/** A line of text each. */
async function list(client: ControlClient, signal: AbortSignal): Promise<void> {
  const scene = new Scene();
  await follow(client, signal, (line) => {
    const happening = scene.take(parse(line));
    if (happening !== undefined) print(`${happeningText(happening)}\n`);
  });
}

/** Ms between two pictures, so that ages go on. */
const interval = 200;
const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';

/** The whole screen, as an editor has it: what was there before is there again afterwards. */
async function show(client: ControlClient, signal: AbortSignal): Promise<void> {
  const scene = new Scene();
  const draw = (): void => {
    const { columns, rows } = process.stdout;
    print(`\u001b[H\u001b[2J${drawScene(scene, { columns, rows }, Date.now())}`);
  };
  print(enter);
  const timer = setInterval(draw, interval);
  try {
    await follow(client, signal, (line) => {
      scene.take(parse(line));
    });
  } finally {
    clearInterval(timer);
    print(leave);
  }
}

/** Calls back with each line, until the sandbox is gone. */
async function follow(
  client: ControlClient,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  try {
    await followSandbox(client, { withHistory: false, signal }, (lines) => {
      for (const line of lines.split('\n')) if (line !== '') onLine(line);
    });
  } catch (error) {
    // ^C is how one leaves.
    if (!signal.aborted) throw error;
  }
}

/** A line of a server of this release. @throws RunstateError PROTOCOL for what is none */
function parse(line: string): Observation {
  const value: unknown = JSON.parse(line);
  if (isObservation(value)) return value;
  throw new RunstateError('PROTOCOL', { why: `it was told ${line.slice(0, 100)}` });
}
