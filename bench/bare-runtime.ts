import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringifyExact } from '../oci/index.ts';
import type { ContainerSpec } from '../oci/types.ts';
import { processes } from '../native/index.ts';
import { untilReaped } from './until-reaped.ts';

/** The OCI runtime without anything of ours: what a shell script would do. */
export class BareRuntime {
  readonly #directory: string;
  readonly #bundle: string;
  readonly #env: NodeJS.ProcessEnv;

  /** @param criu the directory that CRIU is found in; by PATH without */
  constructor(directory: string, spec: ContainerSpec, criu?: string) {
    this.#directory = directory;
    const path = process.env['PATH'] ?? '';
    this.#env = { PATH: criu === undefined ? path : `${criu}:${path}` };
    this.#bundle = join(directory, 'bare-bundle');
    // The containers' processes are ours to reap, as those of a shim are: whoever else does might be slow.
    processes.becomeSubreaper();
    mkdirSync(this.#bundle);
    writeFileSync(join(this.#bundle, 'config.json'), stringifyExact(spec));
  }

  /** Runs `runc …` to its end. @throws Error when it fails */
  async run(...args: readonly string[]): Promise<void> {
    const child = spawn('runc', ['--root', join(this.#directory, 'bare'), ...args], {
      stdio: 'ignore',
      env: this.#env,
    });
    await once(child, 'exit');
    if (child.exitCode !== 0)
      throw new Error(`runc ${args.join(' ')}: exit code ${child.exitCode ?? child.signalCode ?? ''}`);
  }

  create(id: string): Promise<void> {
    return this.run('create', '--bundle', this.#bundle, '--pid-file', this.#pidFile(id), id);
  }

  exec(id: string): Promise<void> {
    return this.run('exec', '-d', '--pid-file', this.#pidFile('exec'), id, '/bin/true');
  }

  /** Waits for the process of the last exec: its container cannot end while that is not reaped. */
  async reapExec(): Promise<void> {
    await untilReaped(this.#open('exec'));
  }

  /** Kills, waits, deletes: quicker than `delete --force`, which looks every 100 ms. */
  async delete(id: string): Promise<void> {
    const pidfd = this.#open(id);
    await this.run('kill', id, 'KILL');
    await untilReaped(pidfd);
    await this.run('delete', id);
  }

  /** Leaves it running. */
  checkpoint(id: string, images: string): Promise<void> {
    return this.run('checkpoint', '--leave-running', '--image-path', images, '--work-path', images, id);
  }

  async restore(id: string, images: string): Promise<void> {
    const places = ['--image-path', images, '--work-path', images, '--bundle', this.#bundle];
    await this.run('restore', '--detach', ...places, '--pid-file', this.#pidFile(id), id);
  }

  /** Of a container's init, as the host sees it. */
  pidOf(id: string): number {
    return Number(readFileSync(this.#pidFile(id), 'utf8'));
  }

  #open(name: string): number {
    return processes.openPidfd(this.pidOf(name));
  }

  #pidFile(name: string): string {
    return join(this.#directory, `${name}.pid`);
  }
}
