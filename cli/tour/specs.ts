import { defaultSpec } from '../../oci/index.ts';
import type { ContainerSpec } from '../../oci/types.ts';

/** Counts for as long as it runs, so that a pause can be seen. */
const counter = 'i=0; while :; do i=$((i + 1)); echo $i; sleep 0.02; done';

/** Works until it is told to end, and ends in its own way. */
const worker = 'trap "exit 7" TERM; while :; do sleep 0.05; done';

const shell = (rootfs: string, script: string): ContainerSpec =>
  defaultSpec({ args: ['/bin/sh', '-c', script], rootfs, readonlyRoot: true, memory: '64m', pids: 64 });

export const counterSpec = (rootfs: string): ContainerSpec => shell(rootfs, counter);
export const workerSpec = (rootfs: string): ContainerSpec => shell(rootfs, worker);
