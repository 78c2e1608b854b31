import { RunstateError } from '../../../errors/index.ts';
import type { ProcessFiles } from '../../platform.ts';

/**
 * What tells the runtime where to send a terminal's master end; nothing when no terminal is wanted.
 * @throws RunstateError MISSING_ARGUMENT
 */
export function consoleArguments(
  isTerminal: boolean | undefined,
  consoleSocket: string | undefined,
): readonly string[] {
  if (isTerminal !== true) return [];
  if (consoleSocket === undefined) {
    const what = 'a terminal is wanted, and no console socket is given';
    throw new RunstateError('MISSING_ARGUMENT', { what });
  }
  return ['--console-socket', consoleSocket];
}

/** Hands over the descriptors from 3 on. */
export function fileArguments({ length }: readonly unknown[]): readonly string[] {
  return length > 3 ? ['--preserve-fds', String(length - 3)] : [];
}

/** The descriptors with one more, whose number is the last; the first three are always there. */
export function withFile(files: ProcessFiles, file: number): ProcessFiles {
  return [...Array.from({ length: Math.max(3, files.length) }, (_none, index) => files[index]), file];
}
