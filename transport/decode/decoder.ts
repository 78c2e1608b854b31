/**
 * From JSON to typed values, by the rules of Go's encoding/json, which the original's clients and servers keep:
 * a missing field and null leave the zero value, unknown fields are ignored, names are matched in any case, the last
 * of several wins, and a number is an integer only when it was written as one.
 */
import { kindOf, type WireValue } from '../codec/index.ts';

export interface Decoder<T> {
  /** Throws DecodeError. */
  decode(value: WireValue): T;
  /** What stands for a missing value and for null. Throws DecodeError where there must be one. */
  zero(): T;
  /** It tells a field that is null from a missing one. */
  readonly seesNull?: boolean;
}

/** What a message holds is not what was wanted. The message says what and where. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  /** From the outside in: field names and indexes. */
  readonly steps: string[] = [];
  readonly why: string;

  constructor(why: string) {
    super(why);
    this.why = why;
  }

  /** `Spec.process.args[0]` */
  get path(): string {
    return this.steps.join('').replace(/^\./, '');
  }
}

/** The error of a value of the wrong type; `wanted` with its article. */
export function wrongType(value: WireValue, wanted: string): DecodeError {
  return new DecodeError(`${kindOf(value)} is not ${wanted}`);
}

/** Runs a decoder at a step of the path (`.field` or `[3]`). */
export function decodeAt<T>(step: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof DecodeError) error.steps.unshift(step);
    throw error;
  }
}

/** A decoder that maps null to the zero value and asks `read` for the rest. */
export function decoder<T>(zero: () => T, read: (value: WireValue) => T): Decoder<T> {
  return { zero, decode: (value) => (value === null ? zero() : read(value)) };
}

/** Goes on with what another decoder gave. */
export function map<A, B>(from: Decoder<A>, change: (value: A) => B): Decoder<B> {
  return { zero: () => change(from.zero()), decode: (value) => change(from.decode(value)) };
}

/** The value as it came; undefined where there is none. */
export const untouched: Decoder<WireValue | undefined> = {
  zero: () => undefined,
  decode: (value) => value,
  seesNull: true,
};

/** Must be there and not be null. */
export function required<T>(of: Decoder<T>): Decoder<T> {
  const refuse = (): never => {
    throw new DecodeError('missing');
  };
  return { zero: refuse, decode: (value) => (value === null ? refuse() : of.decode(value)) };
}
