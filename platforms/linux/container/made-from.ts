import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseExact, parseSpec } from '../../../oci/index.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import type { CreateOptions } from '../../platform.ts';
import type { ChosenOverlay } from '../overlay/index.ts';
import { systemFailure } from '../system-error.ts';
import { toJson, type BundleRequest } from './create.ts';

/** What a container was made from, as far as it is needed to make it again. */
export interface MadeFrom {
  readonly bundle: string;
  /** As it was given; its root's path is absolute. */
  readonly spec: ContainerSpec;
  readonly options: CreateOptions;
}

const fileOf = (directory: string): string => join(directory, 'made-from.json');

/** Kept in a file: in memory the specs of a thousand containers would be most of what the supervisor holds. @throws RunstateError SYSTEM */
export function keepMadeFrom(directory: string, request: BundleRequest, { kind, size }: ChosenOverlay): void {
  const { bundle, spec } = request;
  // Made again elsewhere, it is not another supervisor's default that decides.
  const options = { ...request.options, overlay: kind, overlaySize: size };
  const made: MadeFrom = { bundle, spec: withRoot(spec, rootOf(request)), options };
  try {
    writeFileSync(fileOf(directory), toJson(made), { mode: 0o600 });
  } catch (error) {
    throw systemFailure('write', fileOf(directory), error);
  }
}

/** @throws RunstateError SYSTEM */
export function readMadeFrom(directory: string): MadeFrom {
  try {
    const value = parseExact(readFileSync(fileOf(directory), 'utf8'));
    return checked(value);
  } catch (error) {
    throw systemFailure('read', fileOf(directory), error);
  }
}

function checked(value: unknown): MadeFrom {
  if (typeof value !== 'object' || value === null || !('bundle' in value) || typeof value.bundle !== 'string')
    throw new Error('it does not tell a bundle');
  const options = 'options' in value && typeof value.options === 'object' ? (value.options ?? {}) : {};
  return { bundle: value.bundle, spec: parseSpec('spec' in value ? value.spec : undefined), options };
}

/** An open directory's path, as long as it has one. */
function rootOf({ bundle, spec, rootDirectory }: BundleRequest): string | undefined {
  if (rootDirectory !== undefined) return readlinkSync(`/proc/self/fd/${rootDirectory}`);
  return spec.root === undefined ? undefined : resolve(bundle, spec.root.path);
}

const withRoot = (spec: ContainerSpec, path: string | undefined): ContainerSpec =>
  path === undefined ? spec : { ...spec, root: { ...spec.root, path } };
