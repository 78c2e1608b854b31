import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Both of node:crypto's classes, as far as they are needed. */
export interface RunningHash {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** An empty key is none: that is how Go sends what was left out. */
export function keyOf(key: Uint8Array | undefined): Uint8Array | undefined {
  return key === undefined || key.length === 0 ? undefined : key;
}

/** HMAC-SHA-256 with a key, SHA-256 without. */
export function makeHash(key: Uint8Array | undefined): RunningHash {
  return key === undefined ? createHash('sha256') : createHmac('sha256', key);
}

/**
 * Lets a reader tell another key from damage before it has read everything: a random salt, so that equal keys do not
 * show, and an HMAC of it, both in hexadecimal.
 */
export function makeKeyCheck(key: Uint8Array): string {
  const salt = randomBytes(16).toString('hex');
  return `${salt}:${checkOf(key, salt).toString('hex')}`;
}

export function keyMatches(key: Uint8Array, keyCheck: string): boolean {
  const [salt = '', check = ''] = keyCheck.split(':');
  const found = Buffer.from(check, 'hex');
  const wanted = checkOf(key, salt);
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}

const checkOf = (key: Uint8Array, salt: string): Buffer =>
  createHmac('sha256', key).update(`runstate statefile key check ${salt}`).digest();
