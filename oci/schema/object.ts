import * as v from 'valibot';

/** An object with these members and any others. To JavaScript, and so to valibot, a list is an object too: not here. */
export function object<const E extends v.ObjectEntries>(entries: E) {
  return v.pipe(
    v.custom<unknown>((value) => !Array.isArray(value), 'must be an object, not a list'),
    v.looseObject(entries),
  );
}
