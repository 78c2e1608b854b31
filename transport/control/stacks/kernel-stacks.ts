import { harmless } from '../../../harmless.ts';
import type { ProcessStacks } from '../../../platforms/inspection.ts';

/** Where the kernel has each thread of a container's processes. */
export function kernelStacks(cid: string, processes: readonly ProcessStacks[]): readonly string[] {
  return [
    `kernel stacks of container ${JSON.stringify(cid)}:`,
    ...processes.flatMap(({ pid, command, threads }) => [
      `  process ${pid} ${harmless(command)}`,
      ...threads.flatMap(({ tid, name, state, stack }) => [
        `    thread ${tid} ${harmless(name)} (${state})`,
        ...(stack.length === 0 ? ['      (none is shown)'] : stack.map((call) => `      ${call}`)),
      ]),
    ]),
  ];
}
