import { constants } from 'node:fs';
import { link, lchown, lutimes, mkdir, open, symlink, unlink, type FileHandle } from 'node:fs/promises';
import { errnoOf } from '../errno.ts';
import { below } from './open-in-root.ts';

export interface Attributes {
  /** Permissions with set-user-id, set-group-id and sticky; 12 bits. */
  readonly mode: number;
  /** Undefined leaves it to who runs this. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly time: Date;
}

type Names = readonly string[];

const asDirectory = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const asNewFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Writes files below one directory and nowhere else. Every name is opened from its directory's descriptor without
 * following links: what an archive, or anyone else, put there before cannot redirect a write. Names are the components
 * of a path, none of them `.` or `..`. What is there already is replaced, but not a directory by something else.
 */
export class TreeWriter {
  readonly #root: FileHandle;
  /** The directories of the path that was used last, from the root down: archives go through a tree in order. */
  #trail: { readonly name: string; readonly handle: FileHandle }[] = [];
  /** Set at the end: writing into a directory changes its time, and its mode may forbid writing. */
  readonly #directories = new Map<string, { readonly names: Names; readonly attributes: Attributes }>();

  private constructor(root: FileHandle) {
    this.#root = root;
  }

  static async open(directory: string): Promise<TreeWriter> {
    return new TreeWriter(await open(directory, asDirectory));
  }

  async directory(names: Names, attributes: Attributes): Promise<void> {
    await this.#enter(names, true);
    this.#directories.set(names.join('/'), { names, attributes });
  }

  async file(names: Names, content: AsyncIterable<Uint8Array>, attributes: Attributes): Promise<void> {
    await using file = await open(await this.#vacant(names), asNewFile, 0o600);
    for await (const chunk of content) await file.writeFile(chunk);
    await settle(file, attributes);
  }

  async symbolicLink(names: Names, target: string, { owner, time }: Attributes): Promise<void> {
    const path = await this.#vacant(names);
    await symlink(target, path);
    if (owner !== undefined) await lchown(path, owner.uid, owner.gid);
    await lutimes(path, time, time);
  }

  async hardLink(names: Names, to: Names): Promise<void> {
    if (names.join('/') === to.join('/')) throw new Error('it is a hard link to itself');
    const path = await this.#vacant(names);
    // Opened again by another way: the trail leads to where the new name goes.
    await using source = await walk(this.#root, to.slice(0, -1));
    await link(below(source, to.at(-1) ?? '.'), path);
  }

  /** Gives directories their attributes. */
  async finish(): Promise<void> {
    const deepestFirst = [...this.#directories.values()].sort((a, b) => b.names.length - a.names.length);
    for (const { names, attributes } of deepestFirst)
      await settle(await this.#enter(names, false), attributes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leaveTo(0);
    await this.#root.close();
  }

  /** The path of a name that is free, in a directory that is made where it is missing. */
  async #vacant(names: Names): Promise<string> {
    const name = names.at(-1);
    if (name === undefined) throw new Error('it is in the place of the root directory');
    const path = below(await this.#enter(names.slice(0, -1), true), name);
    await unlink(path).catch((error: unknown) => {
      if (errnoOf(error) === 'EISDIR') throw new Error('it is in the place of a directory', { cause: error });
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
    return path;
  }

  async #enter(names: Names, make: boolean): Promise<FileHandle> {
    const shared = this.#trail.findIndex((step, index) => step.name !== names[index]);
    await this.#leaveTo(Math.min(shared === -1 ? this.#trail.length : shared, names.length));
    let here = this.#trail.at(-1)?.handle ?? this.#root;
    for (const name of names.slice(this.#trail.length)) {
      here = await openDirectory(here, name, make);
      this.#trail.push({ name, handle: here });
    }
    return here;
  }

  async #leaveTo(depth: number): Promise<void> {
    for (const { handle } of this.#trail.splice(depth)) await handle.close();
  }
}

/** A new handle of the directory that the names lead to. */
async function walk(root: FileHandle, names: Names): Promise<FileHandle> {
  let here = await open(below(root, '.'), asDirectory);
  for (const name of names) {
    await using left = here;
    here = await openDirectory(left, name, false);
  }
  return here;
}

async function openDirectory(parent: FileHandle, name: string, make: boolean): Promise<FileHandle> {
  const path = below(parent, name);
  if (make) {
    await mkdir(path, 0o755).catch((error: unknown) => {
      if (errnoOf(error) !== 'EEXIST') throw error;
    });
  }
  return open(path, asDirectory).catch((error: unknown) => {
    const code = errnoOf(error);
    if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error;
    throw new Error(`the way to it leads through ${JSON.stringify(name)}, which is a link or a file`, {
      cause: error,
    });
  });
}

async function settle(handle: FileHandle, { mode, owner, time }: Attributes): Promise<void> {
  if (owner !== undefined) await handle.chown(owner.uid, owner.gid);
  // After the owner, whose change takes away set-user-id.
  await handle.chmod(mode);
  await handle.utimes(time, time);
}
