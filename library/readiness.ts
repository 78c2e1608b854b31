/** What a supervisor in the background tells whoever started it, once: a line of JSON. */
import { writeSync } from 'node:fs';
import { RunstateError, messageOf } from '../errors/index.ts';

export type Readiness =
  { readonly ready: true } | { readonly ready: false; readonly code: string; readonly message: string };

/** Undefined for what is no such line. */
export function parseReadiness(line: string): Readiness | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null || !('ready' in value)) return undefined;
  if (value.ready === true) return { ready: true };
  if (!('code' in value) || !('message' in value)) return undefined;
  const code: unknown = value.code;
  const message: unknown = value.message;
  return typeof code === 'string' && typeof message === 'string'
    ? { ready: false, code, message }
    : undefined;
}

/** Tells that the sandbox is ready, or why it will not be. */
export function tellReadiness(fd: number, error?: unknown): void {
  const line =
    error === undefined
      ? { ready: true }
      : {
          ready: false,
          code: error instanceof RunstateError ? error.code : '',
          message: messageOf(error),
        };
  writeSync(fd, `${JSON.stringify(line)}\n`);
}
