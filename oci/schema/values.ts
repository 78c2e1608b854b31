import * as v from 'valibot';

/** An integer of at most 64 bits with a sign, as JSON gave it: a bigint where a number would not be exact. */
const integer = v.custom<number | bigint>(
  (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
  (issue) => `must be an integer, not ${issue.received}`,
);

const least64 = -(2n ** 63n);
const beyondU64 = 2n ** 64n;

export const int64 = v.pipe(
  integer,
  v.check((value) => value >= least64 && value < -least64, 'must fit in 64 bits with a sign'),
);

export const uint64 = v.pipe(
  integer,
  v.check((value) => value >= 0 && value < beyondU64, 'must be from 0 to 18446744073709551615'),
);

export const uint32 = v.pipe(
  v.number((issue) => `must be an integer, not ${issue.received}`),
  v.integer('must be an integer'),
  v.minValue(0, 'must not be negative'),
  v.maxValue(0xffff_ffff, 'must be less than 4294967296'),
);

export const boolean = v.boolean((issue) => `must be true or false, not ${issue.received}`);

/** Text for the kernel, which ends a string at the first zero byte: what follows would be lost unseen. */
export const text = v.pipe(
  v.string((issue) => `must be a string, not ${issue.received}`),
  v.check((value) => !value.includes('\0'), 'must not contain a zero byte'),
);

export const nonEmpty = v.pipe(text, v.nonEmpty('must not be empty'));

export const absolutePath = v.pipe(
  text,
  v.check((value) => value.startsWith('/'), 'must be an absolute path'),
);

export const strings = v.array(text, (issue) => `must be a list of strings, not ${issue.received}`);
