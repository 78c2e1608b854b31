import { WireObject, type WireValue } from '../codec/index.ts';
import { decodeAt, decoder, wrongType, type Decoder } from './decoder.ts';
import { setOwn } from './own-property.ts';

/** Null is an empty list, as Go's nil slice. */
export function list<T>(of: Decoder<T>): Decoder<readonly T[]> {
  return decoder<readonly T[]>(
    () => [],
    (value) => {
      if (!Array.isArray(value)) throw wrongType(value, 'an array');
      return value.map((one: WireValue, index) => decodeAt(`[${index}]`, () => of.decode(one)));
    },
  );
}

/** A Go pointer: null and a missing field are null. */
export function nullable<T>(of: Decoder<T>): Decoder<T | null> {
  return decoder<T | null>(
    () => null,
    (value) => of.decode(value),
  );
}

/** A field with `omitempty`: null and a missing one are undefined. */
export function optional<T>(of: Decoder<T>): Decoder<T | undefined> {
  return decoder<T | undefined>(
    () => undefined,
    (value) => of.decode(value),
  );
}

/** A Go map with string keys. `__proto__` is a key like another. */
export function record<T>(of: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return decoder<Readonly<Record<string, T>>>(
    () => ({}),
    (value) => {
      if (!(value instanceof WireObject)) throw wrongType(value, 'an object');
      const result: Record<string, T> = {};
      value.names.forEach((name, i) =>
        setOwn(
          result,
          name,
          decodeAt(`.${name}`, () => of.decode(value.values[i] ?? null)),
        ),
      );
      return result;
    },
  );
}

/** Decoders of a type's fields, each optional one included. */
export type Fields<T> = { readonly [K in keyof T]-?: Decoder<T[K]> };

/** A Go struct. The names are those that it has on the wire. */
export function struct<T extends object>(fields: Fields<T>): Decoder<T> {
  const names = new Map<string, keyof T & string>();
  for (const name in fields) names.set(fold(name), name);
  const read = (value: WireObject | undefined): T => {
    const found = value === undefined ? undefined : lastOfEach(value, names, fields);
    return build(fields, (name, field) =>
      // The zero value is asked for within the path too: it may say that the field is missing.
      decodeAt(`.${name}`, () => {
        const given = found?.get(name);
        return given === undefined ? field.zero() : field.decode(given);
      }),
    );
  };
  return decoder(
    () => read(undefined),
    (value) => {
      if (!(value instanceof WireObject)) throw wrongType(value, 'an object');
      return read(value);
    },
  );
}

/** Null changes nothing, also not what an earlier duplicate has said. */
function lastOfEach<T extends object>(
  value: WireObject,
  names: ReadonlyMap<string, keyof T & string>,
  fields: Fields<T>,
): Map<keyof T & string, WireValue> {
  const found = new Map<keyof T & string, WireValue>();
  value.names.forEach((given, i) => {
    const name = names.get(fold(given));
    const field = value.values[i] ?? null;
    if (name !== undefined && (field !== null || fields[name].seesNull === true)) found.set(name, field);
  });
  return found;
}

/** Go folds these two letters beyond ASCII onto s and k as well (U+212A by toLowerCase). */
const fold = (name: string): string => name.toLowerCase().replaceAll('\u017f', 's');

function build<T extends object>(
  fields: Fields<T>,
  make: <K extends keyof T & string>(name: K, field: Decoder<T[K]>) => T[K],
): T {
  const result: Partial<T> = {};
  for (const name in fields) result[name] = make(name, fields[name]);
  if (!isWhole(result, fields)) throw new TypeError('a field was not decoded');
  for (const name in fields) if (result[name] === undefined) Reflect.deleteProperty(result, name);
  return result;
}

function isWhole<T extends object>(result: Partial<T>, fields: Fields<T>): result is T {
  return Object.keys(fields).every((name) => name in result);
}
