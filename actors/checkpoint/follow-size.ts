import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnProgress } from '../../platforms/checkpoint.ts';

/** Ms between two looks. */
const pause = 100;

/**
 * Does work that fills a directory, and tells meanwhile how many bytes are there, when somebody wants to know: who
 * writes them tells nobody. What is left when it ends is told last.
 */
export async function followSize<T>(
  directory: string,
  phase: string,
  onProgress: OnProgress | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (onProgress === undefined) return work();
  onProgress({ phase, bytes: 0 });
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      onProgress({ phase, bytes: await sizeOf(directory) });
    } finally {
      isLooking = false;
    }
  };
  // A look that fails (a file went meanwhile) tells nothing; the work tells what is wrong.
  const timer = setInterval(() => void look().catch(() => undefined), pause);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Of all files in a directory and below it, in bytes. @throws SystemError */
export async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
