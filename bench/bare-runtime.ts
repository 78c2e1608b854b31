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

  constructor(directory: string, spec: ContainerSpec) {
    this.#directory = directory;
    this.#bundle = join(directory, 'bare-bundle');
    // The containers' processes are ours to reap, as those of a shim are: whoever else does might be slow.
    processes.becomeSubreaper();
    mkdirSync(this.#bundle);
    writeFileSync(join(this.#bundle, 'config.json'), stringifyExact(spec));
  }

  /** Runs `runc …` to its end. @throws Error when it fails */
  async run(...args: readonly string[]): Promise<void> {
    const child = spawn('runc', ['--root', join(this.#directory, 'bare'), ...args], { stdio: 'ignore' });
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

  #open(name: string): number {
    return processes.openPidfd(Number(readFileSync(this.#pidFile(name), 'utf8')));
  }

  #pidFile(name: string): string {
    return join(this.#directory, `${name}.pid`);
  }
}
