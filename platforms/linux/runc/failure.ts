import { RunstateError } from '../../../errors/index.ts';

/** How a runtime's process ended. */
export interface Ending {
  /** `runc create`, `runc exec`, … */
  readonly command: string;
  readonly status: string;
  readonly lines: readonly string[];
}

/** runc quotes the program in Go's way. */
const program = /exec: ("(?:[^"\\]|\\.)*"): (.*)$/s;

/**
 * The error for a runtime that failed: a program that is not there or may not be executed is told apart, by runc's
 * words (libcontainer's Start; Go's os/exec), from whatever else went wrong.
 */
export function runtimeFailure({ command, status, lines }: Ending): RunstateError {
  const text = lines.join('; ');
  const found = program.exec(lines.at(-1) ?? '');
  if (found !== null) {
    const params = { command: unquote(found[1] ?? ''), why: reason(found[2] ?? '') };
    if (/no such file or directory|executable file not found/.test(params.why))
      return new RunstateError('COMMAND_NOT_FOUND', params);
    if (/permission denied|is a directory|exec format error/.test(params.why))
      return new RunstateError('COMMAND_NOT_EXECUTABLE', params);
  }
  return new RunstateError('RUNTIME_FAILED', {
    command,
    status,
    lines: text === '' ? 'it said nothing' : text,
  });
}

/** Without the system call that Go puts in front: `stat /bin/x: no such file or directory`. */
const reason = (text: string): string => text.replace(/^(?:stat|exec|open) .*: (?=[^:]*$)/, '').trim();

function unquote(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch (error) {
    // Go escapes some characters in other ways than JSON.
    if (error instanceof SyntaxError) return text.slice(1, -1);
    throw error;
  }
}
