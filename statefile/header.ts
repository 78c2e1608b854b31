import { createHmac } from 'node:crypto';
import * as v from 'valibot';
import { RunstateError, messageOf } from '../errors/index.ts';
import { JsonSyntaxError, parseExact, stringifyExact } from '../oci/exact-json.ts';

export type Compression = 'none' | 'gzip';

/** What can be read of a statefile before its entries. */
export interface StatefileHeader {
  /** The client's own. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What the file holds; not this layer's to know. */
  readonly manifest: unknown;
  /** RFC 3339. */
  readonly created: string;
  /** As Node names it: `x64`. */
  readonly architecture: string;
  /** Which platform saved it. */
  readonly platform: string;
  readonly compression: Compression;
  /** Whether the digest is by a key. */
  readonly isKeyed: boolean;
  /** Tells another key from damage; says nothing of the key. Empty without a key. */
  readonly keyCheck: string;
}

const schema = v.object({
  metadata: v.record(v.string(), v.string()),
  manifest: v.unknown(),
  created: v.string(),
  architecture: v.string(),
  platform: v.string(),
  compression: v.picklist(['none', 'gzip']),
  isKeyed: v.boolean(),
  keyCheck: v.string(),
});

export const keyCheckOf = (key: Uint8Array): string =>
  createHmac('sha256', key).update('runstate statefile key').digest('hex');

export const encodeHeader = (header: StatefileHeader): Buffer => Buffer.from(stringifyExact(header));

/** @throws RunstateError STATEFILE_DAMAGED */
export function decodeHeader(bytes: Uint8Array): StatefileHeader {
  try {
    return v.parse(schema, parseExact(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    if (!(error instanceof JsonSyntaxError) && !v.isValiError(error)) throw error;
    throw new RunstateError('STATEFILE_DAMAGED', { where: `header: ${messageOf(error)}` }, { cause: error });
  }
}
