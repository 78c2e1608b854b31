import { RunstateError } from '../../errors/index.ts';

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/**
 * Bytes, of a number of them or of text as container engines take it: `512m`, `512MiB`, `1.5g`, `1048576`; units are
 * powers of 1024. `what` names the value in the error.
 * @throws RunstateError INVALID_ARGUMENT when it is no whole number of bytes that a JavaScript number holds exactly
 */
export function parseSize(size: number | bigint | string, what: string): number {
  const bytes = typeof size === 'string' ? bytesOf(size) : Number(size);
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw new RunstateError('INVALID_ARGUMENT', {
    what: `${what}: ${JSON.stringify(String(size))} is no size; write a number of bytes, or one with k, m, g or t`,
  });
}

function bytesOf(size: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(size.trim());
  return found === null ? NaN : Math.round(Number(found[1]) * (units[(found[2] ?? '').toLowerCase()] ?? NaN));
}
