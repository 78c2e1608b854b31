/** Programs in place of the OCI runtime that do not do what they should. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** A shell script; it goes with the test. */
export function script(t: ExecutionContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rs-runtime-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'runtime');
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}
