/** What a supervisor in the background tells whoever started it, once: a line of JSON. */
import { writeSync } from 'node:fs';
import { isRunstateError, messageOf } from '../errors/index.ts';

export type Readiness =
  { readonly ready: true } | { readonly ready: false; readonly code: string; readonly message: string };

/** Undefined for what is no such line. */
export function parseReadiness(line: string): Readiness | undefined {
  const value = parse(line);
  if (typeof value !== 'object' || value === null) return undefined;
  const { ready, code, message }: Partial<Record<'ready' | 'code' | 'message', unknown>> = value;
  if (ready === true) return { ready };
  return ready === false && typeof code === 'string' && typeof message === 'string'
    ? { ready, code, message }
    : undefined;
}

/** Undefined for what is no JSON. */
function parse(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Tells that the sandbox is ready, or why it will not be. False: whoever booted it has gone. @throws SystemError */
export function tellReadiness(fd: number, error?: unknown): boolean {
  const line =
    error === undefined
      ? { ready: true }
      : {
          ready: false,
          code: isRunstateError(error) ? error.code : '',
          message: messageOf(error),
        };
  try {
    writeSync(fd, `${JSON.stringify(line)}\n`);
    return true;
  } catch (failed) {
    if (failed instanceof Error && 'code' in failed && failed.code === 'EPIPE') return false;
    throw failed;
  }
}
