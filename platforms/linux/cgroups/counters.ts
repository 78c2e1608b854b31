import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../system-error.ts';

/** Reads the files of one cgroup directory. What is not there (an older kernel, no such controller) reads as undefined. */
export class Counters {
  readonly #directory: string | undefined;

  /** @param directory undefined: there is no such controller */
  constructor(directory: string | undefined) {
    this.#directory = directory;
  }

  async text(file: string): Promise<string | undefined> {
    if (this.#directory === undefined) return undefined;
    try {
      return await readFile(join(this.#directory, file), 'latin1');
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENODEV', 'EOPNOTSUPP')) return undefined;
      throw error;
    }
  }

  /** A file that holds one number; `max` and v1's largest page-rounded number (no limit) read as undefined. */
  async number(file: string): Promise<bigint | undefined> {
    const text = (await this.text(file))?.trim();
    if (text === undefined || !/^-?\d+$/.test(text)) return undefined;
    const number = BigInt(text);
    return number >= unlimited || number < 0n ? undefined : number;
  }

  /** A file of lines `name number`. */
  async table(file: string): Promise<ReadonlyMap<string, bigint>> {
    const lines = (await this.text(file))?.split('\n') ?? [];
    return new Map(
      lines.flatMap((line) => {
        const found = /^(\S+) (\d+)$/.exec(line);
        return found === null ? [] : [[found[1] ?? '', BigInt(found[2] ?? 0)] as const];
      }),
    );
  }
}

/** What v1 shows for no limit: the largest multiple of a page in 63 bits; pages have 64 KiB at most. */
const unlimited = 0x7fff_ffff_ffff_0000n;
