import { isErrno } from '../system-error.ts';

/** True when what was read of a process failed because it has ended meanwhile. */
export const isGone = (error: unknown): boolean => isErrno(error, 'ENOENT', 'ESRCH');
