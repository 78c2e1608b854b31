import { open } from 'node:fs/promises';

/**
 * The first bytes of a file, as text. What a process shows of itself in /proc may be as long as it likes: it may have its
 * arguments lie in a mapping of hundreds of MiB (PR_SET_MM of prctl(2)). @param most bytes @throws SystemError
 */
export async function readBeginning(path: string, most: number): Promise<string> {
  const file = await open(path);
  try {
    const into = Buffer.alloc(most);
    let length = 0;
    while (length < most) {
      const { bytesRead } = await file.read(into, length, most - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return into.toString('utf8', 0, length);
  } finally {
    await file.close();
  }
}
