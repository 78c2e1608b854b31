/** What a failed system call of the addon (or of Node's own modules) throws. */
export interface SystemError extends Error {
  /** `ENOENT`, `ECONNREFUSED`, … */
  readonly code: string;
  /** The function that failed, e.g. `connect`. */
  readonly syscall: string;
}

/** True for an error of a system call; with a code, for that one only. */
export function isSystemError(error: unknown, code?: string): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    'syscall' in error &&
    typeof error.code === 'string' &&
    (code === undefined || error.code === code)
  );
}
