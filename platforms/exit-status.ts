/** How a process ended. `unknown`: it ended while nobody who may know was looking; never invented. */
export type ExitStatus =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: number; readonly coreDumped: boolean }
  | { readonly kind: 'unknown'; readonly why: string };

/** True for what has an exit status's shape; for what a chart kept, to which it is opaque. */
export function isStatus(value: unknown): value is ExitStatus {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'exited' || value.kind === 'signaled' || value.kind === 'unknown')
  );
}

/** Linux's wait status, as `wait(2)` encodes it: code in bits 8–15, or the signal in bits 0–6 and 0x80 for a core. Unknown gives undefined. */
export function toWaitStatus(status: ExitStatus): number | undefined {
  switch (status.kind) {
    case 'exited':
      return (status.code & 0xff) << 8;
    case 'signaled':
      return (status.signal & 0x7f) | (status.coreDumped ? 0x80 : 0);
    case 'unknown':
      return undefined;
  }
}

/** The inverse of {@link toWaitStatus}. */
export function fromWaitStatus(wait: number): ExitStatus {
  const signal = wait & 0x7f;
  return signal === 0
    ? { kind: 'exited', code: (wait >> 8) & 0xff }
    : { kind: 'signaled', signal, coreDumped: (wait & 0x80) !== 0 };
}

/** What a shell would report: the code, or 128 + the signal; 255 for an unknown status, as runc does. */
export function toExitCode(status: ExitStatus): number {
  switch (status.kind) {
    case 'exited':
      return status.code;
    case 'signaled':
      return 128 + status.signal;
    case 'unknown':
      return 255;
  }
}
