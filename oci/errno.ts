/** The name of the error that a system call failed with (`ENOENT`), or undefined when it was something else. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
