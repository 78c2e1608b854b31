import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defaultSpec, newId, stringifyExact, type DefaultSpecOptions } from '../../../oci/index.ts';

/** The set-up makes it; tests run from the project's root. */
export const rootfs = resolve('build/rootfs');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why no container can be run here, or undefined when one can. */
export function cannotRun(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (spawnSync('runc', ['--version']).status !== 0) return 'needs runc';
  return existsSync(rootfs) ? undefined : 'needs build/rootfs, which the set-up makes of busybox-static';
}

/** Runs a container of the default spec to its end, and removes what is left of it. */
export function run(options: DefaultSpecOptions): Outcome {
  const id = `oci-test-${newId()}`;
  const bundle = mkdtempSync(join(tmpdir(), 'runstate-run-'));
  const state = join(bundle, 'state');
  mkdirSync(state);
  try {
    const spec = defaultSpec({ rootfs, ...options });
    const placed = { ...spec, linux: { ...spec.linux, cgroupsPath: `/runstate-${id}` } };
    writeFileSync(join(bundle, 'config.json'), stringifyExact(placed));
    const args = ['--root', state, 'run', '--bundle', bundle, id];
    const { status, stdout, stderr } = spawnSync('runc', args, { encoding: 'utf8', timeout: 60_000 });
    return { status, stdout, stderr };
  } finally {
    spawnSync('runc', ['--root', state, 'delete', '--force', id]);
    rmSync(bundle, { recursive: true });
  }
}

/** As {@link run}, for a shell script. */
export function shell(script: string, options: DefaultSpecOptions = {}): Outcome {
  return run({ ...options, args: ['sh', '-c', script] });
}
