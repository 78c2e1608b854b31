import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nanoid } from 'nanoid';

/** Writes a file at one instant: a reader sees the whole of it, or what was there before. */
export function replaceFile(path: string, text: string): void {
  const draft = writeDraft(path, text);
  try {
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Writes a new file at one instant. @throws Error EEXIST when there is one */
export function createFile(path: string, text: string): void {
  const draft = writeDraft(path, text);
  try {
    linkSync(draft, path);
  } finally {
    rmSync(draft);
  }
}

function writeDraft(path: string, text: string): string {
  const draft = join(dirname(path), `.${nanoid()}`);
  try {
    writeFileSync(draft, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // The disk may be full: leave nothing of it.
    rmSync(draft, { force: true });
    throw error;
  }
  return draft;
}
