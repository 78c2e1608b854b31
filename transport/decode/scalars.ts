import { Fraction, type WireValue } from '../codec/index.ts';
import { DecodeError, decoder, wrongType, type Decoder } from './decoder.ts';

export const string: Decoder<string> = decoder(
  () => '',
  (value) => {
    if (typeof value !== 'string') throw wrongType(value, 'a string');
    return value;
  },
);

export const boolean: Decoder<boolean> = decoder(
  () => false,
  (value) => {
    if (typeof value !== 'boolean') throw wrongType(value, 'a boolean');
    return value;
  },
);

function integer(value: WireValue, wanted: string, least: bigint, most: bigint): bigint {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw wrongType(value, wanted);
  const exact = BigInt(value);
  if (exact < least || exact > most) throw wrongType(value, wanted);
  return exact;
}

const bits = (signed: boolean, size: bigint): readonly [bigint, bigint] =>
  signed ? [-(1n << (size - 1n)), (1n << (size - 1n)) - 1n] : [0n, (1n << size) - 1n];

function small(wanted: string, [least, most]: readonly [bigint, bigint]): Decoder<number> {
  return decoder(
    () => 0,
    (value) => Number(integer(value, wanted, least, most)),
  );
}

function large(wanted: string, [least, most]: readonly [bigint, bigint]): Decoder<bigint> {
  return decoder(
    () => 0n,
    (value) => integer(value, wanted, least, most),
  );
}

export const int32 = small('a 32-bit integer', bits(true, 32n));
export const uint32 = small('an unsigned 32-bit integer', bits(false, 32n));
/** A 64-bit integer as a number: refused where that would not be exact. */
export const int = small('an integer below 2^53', [
  BigInt(Number.MIN_SAFE_INTEGER),
  BigInt(Number.MAX_SAFE_INTEGER),
]);
export const int64 = large('a 64-bit integer', bits(true, 64n));
export const uint64 = large('an unsigned 64-bit integer', bits(false, 64n));

/** Any number, as a double. */
export const float: Decoder<number> = decoder(
  () => 0,
  (value) => {
    const number =
      value instanceof Fraction
        ? Number(value.text)
        : typeof value === 'number' || typeof value === 'bigint'
          ? Number(value)
          : undefined;
    if (number === undefined || !Number.isFinite(number)) throw wrongType(value, 'a number');
    return number;
  },
);

/** Go's `[]byte`: base64 with its padding. Null is undefined. */
export const bytes: Decoder<Uint8Array | undefined> = decoder<Uint8Array | undefined>(
  () => undefined,
  (value) => {
    if (typeof value !== 'string') throw wrongType(value, 'bytes in base64');
    // Go's decoder skips line ends; Buffer's would skip anything that is not base64.
    const text = value.replace(/[\r\n]/g, '');
    const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
    if (!isBase64) throw new DecodeError('the string is not base64 with its padding');
    return Buffer.from(text, 'base64');
  },
);

/** One of these strings. */
export function oneOf<const T extends string>(...allowed: readonly T[]): Decoder<T> {
  const find = (value: WireValue): T => {
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw wrongType(value, allowed.map((one) => JSON.stringify(one)).join(' or '));
    return found;
  };
  return { zero: () => find(null), decode: find };
}
