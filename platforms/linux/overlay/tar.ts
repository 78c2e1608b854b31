import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { isErrno } from '../system-error.ts';
import { RunstateError } from '../../../errors/index.ts';

/** How much of what it says is kept, in characters: the end tells most. */
const kept = 4000;

export interface Tar {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when it has ended and said everything; an empty text is success, any other tells why not. Never rejects. */
  readonly ended: Promise<string>;
  /** Ends it at once. Idempotent. */
  readonly kill: () => void;
  /** Its error, when it could not even be started. */
  readonly notStarted: () => RunstateError | undefined;
}

/** The distribution's tar, which must be GNU's. */
export function spawnTar(args: readonly string[]): Tar {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn('tar', args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: no terminal's ^C reaches it. And none of our environment: TAR_OPTIONS would change what it does.
    detached: true,
    env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
  });
  let said = '';
  let failure: RunstateError | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-kept)));
  // Told by its end.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (cause) => {
      failure = notStarted(cause);
      resolve(cause.message);
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve('');
      else
        resolve(telling(said) || (signal === null ? `exit code ${code ?? 'unknown'}` : `ended by ${signal}`));
    });
  });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    ended,
    kill: () => {
      child.kill('SIGKILL');
    },
    notStarted: () => failure,
  };
}

/** Its last lines without those that tell of something else that it does not do, or only that something was wrong. */
function telling(said: string): string {
  const lines = said.split('\n').filter((line) => line !== '');
  const worth = lines.filter(
    (line) => !/socket ignored$|Exiting with failure status|Error is not recoverable/.test(line),
  );
  return (worth.length > 0 ? worth : lines).slice(-3).map(explained).join('; ');
}

/** That there is no more room it tells by how much it could write. */
const explained = (line: string): string =>
  / Wrote only \d+ of \d+ bytes$/.test(line) ? `${line} (no space left there)` : line;

function notStarted(cause: Error): RunstateError {
  const why = isErrno(cause, 'ENOENT')
    ? 'GNU tar is not installed; to install it: apt-get install tar'
    : cause.message;
  return new RunstateError('NOT_SUPPORTED', { what: 'saving files', why }, { cause });
}
