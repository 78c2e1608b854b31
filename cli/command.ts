/** What every file in commands/ exports. */
import type { Command } from 'commander';
import { contextOf, type Context, type GlobalOptions } from './context.ts';

export interface CommandModule {
  /** Adds arguments, flags, help and the action to a command that has its name and summary already. */
  define(command: Command): void;
}

/** Gives the exit code; nothing is 0. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- most commands have nothing to give
export type Run<A extends unknown[]> = (context: Context, ...args: A) => Promise<number | void>;

/**
 * Makes an action for commander, which calls it with the command's arguments, in order, and then its flags.
 * The exit code goes to process.exitCode, from where the program takes it.
 */
export function action<A extends unknown[]>(run: Run<A>): (this: Command, ...args: A) => Promise<void> {
  return async function (this: Command, ...args: A) {
    const code = await run(contextOf(this.optsWithGlobals<GlobalOptions>()), ...args);
    process.exitCode = code ?? 0;
  };
}

/** Examples at the end of a command's help: what it does, then how it is written. */
export function examples(...pairs: readonly (readonly [about: string, line: string])[]): string {
  const lines = pairs.map(([about, line]) => `  # ${about}\n  ${line}`);
  return `\nExamples:\n${lines.join('\n\n')}\n`;
}
