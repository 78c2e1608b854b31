import { maxComponent, maxName } from './format.ts';

/**
 * Why an entry may not have this name; undefined when it may. A name is a relative path of ordinary components, so
 * that an entry can only be written below the directory that it is staged in.
 */
export function badName(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (Buffer.byteLength(name) > maxName) return `it is longer than ${maxName} bytes`;
  // eslint-disable-next-line no-control-regex -- those are what is looked for
  if (/[\0-\x1f\x7f]/.test(name)) return 'it holds a control character';
  for (const component of name.split('/')) {
    if (component === '') return 'it begins or ends with a slash, or has two together';
    if (component === '.' || component === '..') return `it holds ${component}`;
    if (Buffer.byteLength(component) > maxComponent)
      return `a part of it is longer than ${maxComponent} bytes`;
  }
  return undefined;
}

/** The names given so far: none twice, and none that would be both a file and a folder. */
export class Names {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  get size(): number {
    return this.#files.size;
  }

  /** Adds it; or gives why it may not be there, and does not. */
  add(name: string): string | undefined {
    const bad = badName(name);
    if (bad !== undefined) return bad;
    if (this.#files.has(name)) return 'it is there already';
    const parents = foldersOf(name);
    const clash = this.#folders.has(name) ? name : parents.find((folder) => this.#files.has(folder));
    if (clash !== undefined) return `${JSON.stringify(clash)} would be a file and a folder`;
    this.#files.add(name);
    for (const folder of parents) this.#folders.add(folder);
    return undefined;
  }
}

/** The folders that a file of that name is in, from the outermost on. */
export function foldersOf(name: string): readonly string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
