/** JSON text of JavaScript values as Go's encoding/json writes it: compact, and `<`, `>`, `&` and U+2028/9 escaped. */

/** Deeper than any message is; a value that contains itself ends here, too. */
const deepest = 1000;

/**
 * The JSON of a value: what JSON has, and bigint (exact), Map (an object) and Uint8Array (base64, Go's `[]byte`).
 * A field that is undefined is left out. Throws TypeError for what cannot be written: a function, NaN, too deep.
 */
export function encode(value: unknown): string {
  return encodeAt(value, 0);
}

function encodeAt(value: unknown, depth: number): string {
  if (depth > deepest) throw new TypeError(`nested deeper than ${deepest}`);
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return encodeString(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return value.toString();
  if (typeof value === 'object') return encodeObject(value, depth);
  if (typeof value !== 'number') throw new TypeError(`a ${typeof value} is no JSON`);
  if (!Number.isFinite(value)) throw new TypeError(`${value} is no JSON`);
  return JSON.stringify(value);
}

function encodeObject(value: object, depth: number): string {
  if (Array.isArray(value)) {
    return `[${value.map((one: unknown) => encodeAt(one, depth + 1)).join(',')}]`;
  }
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  const entries: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
  const fields: string[] = [];
  for (const [name, field] of entries) {
    if (field !== undefined) fields.push(`${encodeString(String(name))}:${encodeAt(field, depth + 1)}`);
  }
  return `{${fields.join(',')}}`;
}

/* eslint-disable-next-line no-control-regex -- these are what JSON and Go escape */
const plain = /^[^\u0000-\u001f"\\<>&\u2028\u2029\ud800-\udfff]*$/;
const escapes = /[<>&\u2028\u2029]|\\[bf]|\\\\/g;

function encodeString(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  const whole = text.replace(/\p{Surrogate}/gu, '\ufffd');
  return JSON.stringify(whole).replace(escapes, (found) =>
    // A pair of backslashes is matched so that its second one starts nothing.
    found === '\\\\' ? found : unicodeEscape(found === '\\b' ? '\b' : found === '\\f' ? '\f' : found),
  );
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
