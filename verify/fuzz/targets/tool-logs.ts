import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runtimeFailure } from '../../../platforms/linux/runc/failure.ts';
import { lastOf } from '../../../platforms/linux/runc/log.ts';
import { failedSubject, tellingLines as ofCriu } from '../../../platforms/linux/criu/telling-lines.ts';
import { isRunstateError } from '../../../errors/index.ts';
import type { Target } from '../target.ts';

/** In characters: it goes into one error. */
const longest = 20_000;

const runtime = [
  {
    level: 'error',
    msg: 'runc create failed: unable to start container process: exec: "x": no such file',
    time: 'now',
  },
  { level: 'warning', msg: 'lstat /sys: permission denied', time: 'now' },
];
const criu = `(00.000012) Version: 3.19 (gitid 0)
(00.012345) Error (criu/files-reg.c:1831): Can't lookup mount=28 for fd=1 path=/x
(00.012350) Error (criu/cr-dump.c:1781): Dumping FAILED.
`;

/** What runc and CRIU write down: reduced to what tells, whatever it is. */
export const toolLogs: Target = {
  name: "the tools' logs",
  seeds: () =>
    Promise.resolve([Buffer.from(runtime.map((one) => JSON.stringify(one)).join('\n')), Buffer.from(criu)]),
  open: () => {
    const directory = mkdtempSync(join(tmpdir(), 'runstate-fuzz-'));
    return Promise.resolve({
      read: (input) => read(join(directory, 'log'), input),
      close: () => {
        rmSync(directory, { recursive: true, force: true });
        return Promise.resolve();
      },
    });
  },
};

function read(file: string, input: Buffer): void {
  writeFileSync(file, input);
  const text = input.toString('utf8');
  const lines = lastOf(text);
  const error = runtimeFailure({ command: 'runc create', status: 'exit code 1', lines });
  if (!isRunstateError(error)) throw new Error('it is no error of the catalogue');
  const told = [...ofCriu(file), failedSubject(file) ?? '', error.message].join('\n');
  if (told.length > longest) throw new Error(`${told.length} characters are told of it`);
}
