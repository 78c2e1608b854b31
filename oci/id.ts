import { customAlphabet } from 'nanoid';
import { RunstateError } from '../errors/index.ts';

/** An id names a directory, a cgroup and, with what is added to it, files: file systems allow 255 bytes a name. */
const longest = 200;

/** No vowels and no look-alikes, so that no words come up and an id can be read aloud. */
const generate = customAlphabet('23456789bcdfghjkmnpqrstvwxz', 12);

/**
 * Gives the id back when it can name a sandbox or a container. The characters are those that runc allows: letters,
 * digits, `_`, `+`, `.` and `-`. One that begins with `-` would be read as an option by the tools that it is passed to.
 * @throws RunstateError INVALID_ID, which says why
 */
export function checkId(id: string): string {
  const why = problemOf(id);
  if (why !== undefined) throw new RunstateError('INVALID_ID', { id: id.slice(0, longest), why });
  return id;
}

/** A fresh id of 12 characters, about 57 bits: among a million of them, two are the same with a chance of 1 in 300,000. */
export function newId(): string {
  return generate();
}

function problemOf(id: string): string | undefined {
  if (id === '') return 'it is empty';
  if (id === '.' || id === '..') return 'it names a directory';
  if (id.length > longest) return `it has ${id.length} characters, the most is ${longest}`;
  const bad = /[^\w+.-]/u.exec(id);
  if (bad !== null) {
    return `${JSON.stringify(bad[0])} is not allowed; letters, digits and _ + . - are`;
  }
  return id.startsWith('-') ? 'it begins with "-"' : undefined;
}
