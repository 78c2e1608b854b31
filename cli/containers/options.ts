/** Readers of flags' values, for commander. */
import { InvalidArgumentError, Option } from 'commander';
import { parseSize } from '../../oci/default-spec/size.ts';

/** Collects a flag that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** A whole number from 0. */
export function wholeNumber(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(value);
}

/** A whole number from 1. */
export function positiveNumber(value: string): number {
  const number = wholeNumber(value);
  if (number === 0) throw new InvalidArgumentError('It must be at least 1.');
  return number;
}

/** A number above 0, e.g. `0.5`. */
export function positiveFraction(value: string): number {
  const number = /^\d+(\.\d+)?$|^\.\d+$/.test(value) ? Number(value) : NaN;
  if (!(number > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}

/** Bytes from 1, also as `64m`. */
export function size(value: string): number {
  const bytes = parseSize(value, 'size');
  if (bytes === 0) throw new InvalidArgumentError('It must be at least 1.');
  return bytes;
}

/** Where what a container writes to its root file system goes. */
export const overlayOption = (about: string): Option =>
  new Option('--overlay <where>', about).choices(['memory', 'disk', 'none']);

/** `NAME=value`. */
export function environmentVariable(value: string, before: readonly string[] = []): readonly string[] {
  if (!/^[^=]+=/.test(value)) throw new InvalidArgumentError('It must be NAME=value.');
  return [...before, value];
}

/** Milliseconds of a duration as `5s`, `500ms`, `1m`; a bare number is seconds. */
export function duration(value: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(value) ?? [];
  const ms = Number(count) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit ?? 's'] ?? NaN);
  // setTimeout takes no more.
  if (!(ms >= 1 && ms < 2 ** 31))
    throw new InvalidArgumentError('It must be a duration like 5s or 500ms, of at most 24 days.');
  return ms;
}

/** The words of a command: flags among them are its own, so that the `--` before it, which may be there, is left in place. */
export const withoutDashes = (args: readonly string[]): readonly string[] =>
  args[0] === '--' ? args.slice(1) : args;
