import { RunstateError } from '../../../errors/index.ts';

/** The words of Go's syscall.Errno, as the runtime itself would say it. */
const words: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOEXEC: 'exec format error',
  ELOOP: 'too many levels of symbolic links',
  ETXTBSY: 'text file busy',
  ENOMEM: 'cannot allocate memory',
  EAGAIN: 'resource temporarily unavailable',
};

/** The error for a program that runstate-init could not become. @param step `search`: it was in no directory of PATH */
export function loadFailure(
  command: string,
  step: string,
  errno: string,
): RunstateError<'COMMAND_NOT_FOUND' | 'COMMAND_NOT_EXECUTABLE' | 'SYSTEM'> {
  const why = step === 'search' ? 'executable file not found in $PATH' : (words[errno] ?? errno);
  if (step !== 'search' && step !== 'exec')
    return new RunstateError('SYSTEM', { call: step, what: `for ${command}`, why });
  const isMissing = errno === 'ENOENT';
  return new RunstateError(isMissing ? 'COMMAND_NOT_FOUND' : 'COMMAND_NOT_EXECUTABLE', { command, why });
}
