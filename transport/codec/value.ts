/**
 * JSON as it came over the wire, exact: what a JavaScript value would lose is kept until a decoder has said what
 * it wants.
 */
export type WireValue =
  null | boolean | string | number | bigint | Fraction | readonly WireValue[] | WireObject;

/** A number that was not written as a whole number (`7.0`, `1e3`, `0.5`), as its text. Whole ones are a number where that is exact, else a bigint. */
export class Fraction {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object's fields in their order, with the duplicates: which of them counts is the decoder's business. No name is special (`__proto__`). */
export class WireObject {
  readonly names: readonly string[];
  readonly values: readonly WireValue[];

  constructor(names: readonly string[], values: readonly WireValue[]) {
    this.names = names;
    this.values = values;
  }
}

/** What it is, for messages: `a string`. */
export function kindOf(value: WireValue): string {
  if (value === null) return 'null';
  if (value instanceof Fraction) return `the number ${value.text.slice(0, 40)}`;
  if (value instanceof WireObject) return 'an object';
  if (typeof value === 'boolean') return 'a boolean';
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'object') return 'an array';
  return `the number ${String(value).slice(0, 40)}`;
}
