/** What a statefile says of itself before its entries. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { JsonSyntaxError, parseExact, stringifyExact } from '../../oci/exact-json.ts';
import { digestSize, maxHeader } from './format.ts';
import { keyMatches, makeKeyCheck } from './hash.ts';

export type Compression = 'none' | 'gzip';

/** What the maker of a statefile says; the rest of the header comes from the writer. */
export interface HeaderFields {
  /** The client's own: Checkpoint's `metadata`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What is in the sandbox: JSON, of no meaning here. Integers of any size are kept. */
  readonly manifest: unknown;
  /** Which platform saved it. */
  readonly platform: string;
  /** What ran the containers, e.g. `runc` `1.1.5`. */
  readonly runtime?: { readonly name: string; readonly version: string };
  /** Of runstate. */
  readonly version?: string;
  /** Default: this machine's. */
  readonly architecture?: string;
}

export interface StatefileHeader extends HeaderFields {
  /** As Node names it: `x64`. */
  readonly architecture: string;
  /** RFC 3339. */
  readonly created: string;
  readonly compression: Compression;
  /** Whether the hash is an HMAC. */
  readonly isKeyed: boolean;
  /** Tells another key from damage; says nothing of the key. Empty without one. */
  readonly keyCheck: string;
}

const schema = v.object({
  metadata: v.record(v.string(), v.string()),
  manifest: v.unknown(),
  platform: v.string(),
  runtime: v.exactOptional(v.object({ name: v.string(), version: v.string() })),
  version: v.exactOptional(v.string()),
  architecture: v.string(),
  created: v.string(),
  compression: v.picklist(['none', 'gzip']),
  isKeyed: v.boolean(),
  keyCheck: v.string(),
});

/** The header with what the writer adds. */
export function completeHeader(
  fields: HeaderFields,
  compression: Compression,
  key: Uint8Array | undefined,
): StatefileHeader {
  return {
    ...fields,
    architecture: fields.architecture ?? process.arch,
    created: new Date().toISOString(),
    compression,
    isKeyed: key !== undefined,
    keyCheck: key === undefined ? '' : makeKeyCheck(key),
  };
}

/**
 * Length and JSON, then the SHA-256 of all that stands before: the preamble too.
 * @throws RunstateError STATEFILE_CONTENT for a header without a JSON form, or one that is too large
 */
export function headerFrame(header: StatefileHeader, preamble: Uint8Array): Uint8Array {
  const text = Buffer.from(textOf(header));
  if (text.length > maxHeader)
    throw new RunstateError('STATEFILE_CONTENT', {
      what: 'the header',
      why: `it has ${text.length} bytes; at most ${maxHeader} are possible`,
    });
  const frame = Buffer.alloc(4 + text.length + digestSize);
  frame.writeUInt32BE(text.length);
  text.copy(frame, 4);
  headerDigest(preamble, frame.subarray(0, 4 + text.length)).copy(frame, 4 + text.length);
  return frame;
}

function textOf(header: StatefileHeader): string {
  try {
    return stringifyExact(header);
  } catch (cause) {
    throw new RunstateError('STATEFILE_CONTENT', { what: 'the header', why: messageOf(cause) }, { cause });
  }
}

/** The digest at the end of the header. */
export function headerDigest(preamble: Uint8Array, lengthAndText: Uint8Array): Buffer {
  return createHash('sha256').update(preamble).update(lengthAndText).digest();
}

/** @throws RunstateError STATEFILE_DAMAGED when it is not as {@link headerFrame} makes it */
export function parseHeader(text: Uint8Array): StatefileHeader {
  try {
    return v.parse(schema, parseExact(Buffer.from(text).toString()));
  } catch (error) {
    if (!(error instanceof JsonSyntaxError) && !v.isValiError(error)) throw error;
    throw new RunstateError('STATEFILE_DAMAGED', { where: `header: ${messageOf(error)}` }, { cause: error });
  }
}

/** @throws RunstateError STATEFILE_KEY when the key is another, is missing, or is one too many */
export function checkKey({ isKeyed, keyCheck }: StatefileHeader, key: Uint8Array | undefined): void {
  if (isKeyed && key === undefined)
    throw new RunstateError('STATEFILE_KEY', { why: 'it was saved with one, and none was given' });
  // Taking it would let anybody replace a keyed statefile by one without a key.
  if (!isKeyed && key !== undefined)
    throw new RunstateError('STATEFILE_KEY', { why: 'one was given, and it was saved without' });
  if (key !== undefined && !keyMatches(key, keyCheck))
    throw new RunstateError('STATEFILE_KEY', { why: 'it was saved with another' });
}
