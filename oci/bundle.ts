import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { RunstateError, isError, messageOf } from '../errors/index.ts';
import { errnoOf } from './errno.ts';
import type { ContainerSpec } from './types.ts';
import { parseSpec } from './validate.ts';

export interface Bundle {
  /** Absolute. */
  readonly directory: string;
  readonly spec: ContainerSpec;
}

/** Far above what any engine writes (a seccomp profile of all system calls has some 50 KiB). */
const largestConfig = 16 << 20;

/**
 * Reads an OCI bundle (bundle.md): the directory's config.json, checked, and that the root file system it names is
 * there.
 * @throws RunstateError BUNDLE when something is missing or unreadable, SPEC when config.json says what it must not
 */
export async function readBundle(directory: string): Promise<Bundle> {
  const bundle = resolve(directory);
  await checkDirectory(bundle, bundle, 'it');
  const spec = parseSpec(await readConfig(bundle), join(bundle, 'config.json'));
  if (spec.root !== undefined) {
    const rootfs = resolve(bundle, spec.root.path);
    await checkDirectory(bundle, rootfs, `the root file system ${rootfs}`);
  }
  return { directory: bundle, spec };
}

async function readConfig(bundle: string): Promise<string> {
  try {
    // Without O_NONBLOCK the opening of a pipe would wait for a writer.
    await using file = await open(join(bundle, 'config.json'), constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile()) throw refused(bundle, 'config.json is not a regular file');
    if (found.size > largestConfig) {
      throw refused(bundle, `config.json has ${found.size} bytes, the most is ${largestConfig}`);
    }
    return await file.readFile('utf8');
  } catch (error) {
    if (isError(error, 'BUNDLE')) throw error;
    const why =
      errnoOf(error) === 'ENOENT'
        ? 'it has no config.json'
        : `config.json cannot be read: ${messageOf(error)}`;
    throw new RunstateError('BUNDLE', { bundle, why }, { cause: error });
  }
}

async function checkDirectory(bundle: string, directory: string, what: string): Promise<void> {
  const found = await stat(directory).catch((error: unknown) => {
    const why = errnoOf(error) === 'ENOENT' ? `${what} does not exist` : messageOf(error);
    throw new RunstateError('BUNDLE', { bundle, why }, { cause: error });
  });
  if (!found.isDirectory()) throw new RunstateError('BUNDLE', { bundle, why: `${what} is not a directory` });
}

function refused(bundle: string, why: string): RunstateError<'BUNDLE'> {
  return new RunstateError('BUNDLE', { bundle, why });
}
