/** What checkpoint, restore and clone have in common. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { RunstateError, messageOf } from '../../errors/index.ts';

/** Flags of runc's that say what runstate always does. */
const always = ['--tcp-established', '--file-locks', '--shell-job', '--ext-unix-sk', '--auto-dedup'];
/** Flags of runc's that take a value which runstate does not need. */
const unused = ['--work-path <dir>', '--manage-cgroups-mode <mode>', '--empty-ns <namespace>'];

/** Accepts what callers of runc give. */
export function addRuncFlags(command: Command): Command {
  for (const flag of [...always, ...unused])
    command.addOption(new Option(flag, "accepted for runc's callers").hideHelp());
  return command;
}

/** `NAME=value`, collected. */
export function metadataEntry(
  value: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be NAME=value.');
  return { ...before, [value.slice(0, at)]: value.slice(at + 1) };
}

/** The key of the keyed hash: the file's bytes as they are. @throws RunstateError INVALID_ARGUMENT */
export function readKey(file: string | undefined): Uint8Array | undefined {
  if (file === undefined) return undefined;
  try {
    const key = readFileSync(file);
    if (key.length > 0) return key;
  } catch (cause) {
    throw new RunstateError('INVALID_ARGUMENT', { what: `--key-file: ${messageOf(cause)}` }, { cause });
  }
  throw new RunstateError('INVALID_ARGUMENT', { what: `--key-file: ${file} is empty` });
}
