import { timingSafeEqual } from 'node:crypto';

/** True for the same text; how long it takes tells nothing of where they differ. */
export function isSecret(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}
