// What tests have noted that they saw: tests/support/evidence.ts.
import { join } from 'node:path';

/** Without duplicates. */
export function readEvidence(directory, { existsSync, readdirSync, readFileSync }) {
  if (!existsSync(directory)) return [];
  const lines = readdirSync(directory).flatMap((file) =>
    readFileSync(join(directory, file), 'utf8').trim().split('\n'),
  );
  return [...new Set(lines.filter((line) => line !== ''))].map((line) => JSON.parse(line));
}
