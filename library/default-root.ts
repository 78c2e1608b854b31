import { resolve } from 'node:path';

/** The run directory when none is named: $RUNSTATE_ROOT, else /run/runstate. Absolute. */
export function defaultRoot(): string {
  return resolve(process.env.RUNSTATE_ROOT ?? '/run/runstate');
}
