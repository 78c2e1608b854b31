import { createHash, createHmac } from 'node:crypto';

export interface Digest {
  update(bytes: Uint8Array): unknown;
  digest(): Buffer;
}

/** By the key, or plain. */
export const digestBy = (key: Uint8Array | undefined): Digest =>
  key === undefined ? createHash('sha256') : createHmac('sha256', key);
