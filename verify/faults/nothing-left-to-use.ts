import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readSupervisorFile } from '../../actors/run-directory/index.ts';
import type { Disturbance } from './disturbance.ts';
import type { Place } from './place.ts';
import { steps } from './steps.ts';

const room = 8 * 1024 * 1024;

/** The run directory is full while a step is done. */
export const noSpace: readonly Disturbance[] = steps
  .filter(({ name }) => name !== 'boot')
  .map(({ name }) => ({
    ...{ kind: 'no space', name: `full@${name}`, step: name, room },
    begin: ({ root }: Place) => {
      const filler = join(root, 'filler');
      fill(filler);
      return () => {
        rmSync(filler);
        return Promise.resolve();
      };
    },
  }));

/** The supervisor may open nothing more while a step is done. */
export const noDescriptors: readonly Disturbance[] = steps
  .filter(({ name }) => name !== 'boot')
  .map(({ name }) => ({
    ...{ kind: 'no descriptors', name: `fds@${name}`, step: name },
    begin: ({ root, id }: Place) => {
      const pid = readSupervisorFile(root, id)?.pid ?? 0;
      const highest = Math.max(...readdirSync(`/proc/${pid}/fd`).map(Number));
      // One for the connection, by which it is asked.
      limit(pid, highest + 2);
      return () => {
        limit(pid, 1024);
        return Promise.resolve();
      };
    },
  }));

function fill(file: string): void {
  const fd = openSync(file, 'w');
  const block = Buffer.alloc(4096);
  try {
    for (;;) writeSync(fd, block);
  } catch {
    // That was the last of it.
  } finally {
    closeSync(fd);
  }
}

function limit(pid: number, count: number): void {
  const { status, stderr } = spawnSync('prlimit', [`--pid=${pid}`, `--nofile=${count}:`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`prlimit: ${stderr.trim()}`);
}
