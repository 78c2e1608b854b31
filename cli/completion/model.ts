/** What a completion script needs to know of the program, as the program itself tells it. */
import type { Command, Option } from 'commander';

export interface Flag {
  /** `-f`. */
  readonly short: string | undefined;
  /** `--force`. */
  readonly long: string;
  readonly about: string;
  readonly value: 'none' | 'any' | 'file';
  /** What its value must be one of. */
  readonly choices: readonly string[];
}

export interface Word {
  readonly name: string;
  readonly about: string;
  readonly flags: readonly Flag[];
  /** The first argument is the id of a container that there is. */
  readonly takesId: boolean;
  /** And so are those after it. */
  readonly takesIds: boolean;
  /** What the first argument must be one of. */
  readonly choices: readonly string[];
}

export interface Model {
  readonly flags: readonly Flag[];
  readonly commands: readonly Word[];
}

/** Commands whose id is a new one. */
const naming = new Set(['run', 'create', 'boot']);

/** @param program with all its commands complete */
export function modelOf(program: Command): Model {
  return { flags: flagsOf(program), commands: program.commands.map(wordOf) };
}

function wordOf(command: Command): Word {
  const first = command.registeredArguments[0];
  const isId = (first?.name() === 'id' || first?.name() === 'ids') && !naming.has(command.name());
  return {
    name: command.name(),
    about: command.summary(),
    flags: flagsOf(command),
    takesId: isId,
    takesIds: isId && first.variadic,
    choices: first?.argChoices ?? [],
  };
}

function flagsOf(command: Command): readonly Flag[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({
      short: option.short ?? undefined,
      long: option.long ?? '',
      about: option.description,
      value: valueOf(option),
      choices: option.argChoices ?? [],
    }));
}

function valueOf(option: Option): Flag['value'] {
  if (!option.required) return 'none';
  return /<(dir|file|path|socket|binary)>/.test(option.flags) ? 'file' : 'any';
}
