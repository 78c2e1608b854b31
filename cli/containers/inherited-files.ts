import { readlinkSync } from 'node:fs';
import { RunstateError, messageOf } from '../../errors/index.ts';

/** Descriptors that Node opens for itself at the lowest free numbers, which nobody means to pass on. */
const ours = /^anon_inode:\[?(eventpoll|io_uring)/;

/** Our standard streams, and as many descriptors after them as were asked for. @throws RunstateError FILES */
export function inheritedFiles(preserve: number): readonly number[] {
  const more = Array.from({ length: preserve }, (_, index) => 3 + index);
  for (const fd of more) check(fd);
  return [0, 1, 2, ...more];
}

function check(fd: number): void {
  const refused = (why: string, cause?: unknown): RunstateError =>
    new RunstateError('FILES', { what: `--preserve-fds: descriptor ${fd} ${why}` }, { cause });
  let target: string;
  try {
    target = readlinkSync(`/proc/self/fd/${fd}`);
  } catch (error) {
    throw refused(`was not passed to runstate: ${messageOf(error)}`, error);
  }
  if (ours.test(target)) throw refused('was not passed to runstate');
}
