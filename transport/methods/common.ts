/** Decoders that several methods share. */
import { WireObject } from '../codec/index.ts';
import { decoder, string, struct, wrongType, type Decoder } from '../decode/index.ts';
import type { CidArgs } from './types.ts';

/** Go's `struct{}`: null or any object. */
export const nothing: Decoder<null> = decoder<null>(
  () => null,
  (value) => {
    if (!(value instanceof WireObject)) throw wrongType(value, 'an object or null');
    return null;
  },
);

export const cidArgs: Decoder<CidArgs> = struct<CidArgs>({ CID: string });
