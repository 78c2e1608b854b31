import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from './target.ts';

/** In the repository, not among what was compiled. */
const folder = join(import.meta.dirname, '../../../verify/fuzz/corpus');

/** Where the inputs are kept that have reached something new. */
export const corpusOf = ({ name }: Target): string => join(folder, name.replaceAll(/[^a-z.]+/g, '-'));

export function readCorpus(target: Target): readonly Buffer[] {
  const directory = corpusOf(target);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .map((name) => readFileSync(join(directory, name)));
}

/** Gives the file. */
export function keep(directory: string, input: Buffer): string {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, createHash('sha256').update(input).digest('hex').slice(0, 16));
  writeFileSync(file, input);
  return file;
}
