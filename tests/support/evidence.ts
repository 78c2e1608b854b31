/** Which client was seen to do what in this run: the tables of README are made from it (scripts/documents/tables.mjs). */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

const directory = join(import.meta.dirname, '../../../build/evidence');

export type Client =
  'typed client' | "typed client, on Debian's runsc" | 'runsc (Debian)' | 'recorded 2019' | 'recorded 2022';

interface Evidence {
  readonly client: Client;
  /** As its users call it. */
  readonly operation?: string;
  /** What it called, and what succeeded. */
  readonly method?: string;
}

/** Notes it when the test has passed. */
export function evidence(t: ExecutionContext, ...seen: readonly Evidence[]): void {
  t.teardown(() => {
    if (!t.passed) return;
    mkdirSync(directory, { recursive: true });
    const text = seen.map((one) => `${JSON.stringify(one)}\n`).join('');
    appendFileSync(join(directory, `${process.pid}.jsonl`), text);
  });
}
