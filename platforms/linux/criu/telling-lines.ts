import { readFileSync } from 'node:fs';
import { isErrno } from '../system-error.ts';

/** `(00.163981) Error (criu/files-reg.c:1790): Can't lookup mount=26 …`; the time and the place tell a user nothing. */
const line = /^(?:\(\d+\.\d+\)\s*)?(?:\d+: )?Error \([^)]*\):\s*(.*)$/;
/** Said at every start on machines like these, and no reason for anything. */
const idle = /RLIMIT_NOFILE|Hardware breakpoints/;
const mostLines = 4;

/** What of CRIU's log tells why it failed, the first cause first, each once; '' when nothing does. @throws SystemError */
export function tellingLines(log: string): string {
  const found = read(log)
    .split('\n')
    .flatMap((one) => line.exec(one)?.[1] ?? [])
    .filter((one) => !idle.test(one));
  return [...new Set(found)].slice(0, mostLines).join('; ');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return '';
    throw error;
  }
}
