import { Fraction, WireObject, type WireValue } from '../codec/index.ts';
import { DecodeError, wrongType, type Decoder } from './decoder.ts';
import { setOwn } from './own-property.ts';

/** JSON as JavaScript has it; integers beyond 2^53 are bigint. */
export type Json = null | boolean | string | number | bigint | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

/** Whatever was sent, as plain objects, whose last duplicate counts. `__proto__` is an own property. */
export const json: Decoder<Json> = { zero: () => null, decode: plain };

/** An object of whatever fields. */
export const jsonObject: Decoder<JsonObject> = {
  zero: () => ({}),
  decode: (value) => {
    const result = plain(value);
    if (result === null) return {};
    if (typeof result === 'object' && !Array.isArray(result)) return result;
    throw wrongType(value, 'an object');
  },
};

/** Without recursion: a message may be nested deeper than the stack. */
function plain(value: WireValue): Json {
  const waiting: (() => void)[] = [];
  const convert = (one: WireValue): Json => {
    if (one instanceof Fraction) return finite(one);
    if (one instanceof WireObject) {
      const result: JsonObject = {};
      waiting.push(() => {
        one.names.forEach((name, i) => setOwn(result, name, convert(one.values[i] ?? null)));
      });
      return result;
    }
    if (typeof one !== 'object' || one === null) return one;
    const result: Json[] = [];
    waiting.push(() => {
      for (const element of one) result.push(convert(element));
    });
    return result;
  };
  const result = convert(value);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) next();
  return result;
}

function finite(fraction: Fraction): number {
  const number = Number(fraction.text);
  if (!Number.isFinite(number))
    throw new DecodeError(`the number ${fraction.text.slice(0, 40)} is too large`);
  return number;
}
