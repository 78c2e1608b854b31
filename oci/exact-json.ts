import { parse, stringify } from 'lossless-json';

/** Where text stops being JSON: `line` and `column` count from 1, as editors do; undefined when it cannot be told. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(why: string, place: Place | undefined, cause: unknown) {
    super(place === undefined ? why : `line ${place.line}, column ${place.column}: ${why}`, { cause });
    this.line = place?.line;
    this.column = place?.column;
  }
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * Reads JSON without losing 64-bit integers, which config.json has many of (limits, masks): an integer that a number
 * cannot hold exactly is a bigint, any other is a number. One key given twice with two values is an error: two
 * readers could take different ones.
 * @throws JsonSyntaxError
 */
export function parseExact(text: string): unknown {
  try {
    return parse(text, undefined, exactNumber);
  } catch (error) {
    if (error instanceof SyntaxError) throw located(error, text);
    // The parser is recursive: so much nesting is no document that anyone means.
    if (error instanceof RangeError) throw new JsonSyntaxError('nested too deeply', undefined, error);
    throw error;
  }
}

/** The inverse of {@link parseExact}: bigints are written as integers. Indented by `indent` spaces, if any. */
export function stringifyExact(value: unknown, indent?: number): string {
  const text = stringify(value, null, indent);
  if (text === undefined) throw new TypeError(`${typeof value} has no JSON form`);
  return text;
}

function exactNumber(digits: string): number | bigint {
  const value = Number(digits);
  if (!Number.isFinite(value)) throw new SyntaxError(`the number ${digits} is too large`);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(digits)
    ? BigInt(digits)
    : value;
}

/** The parser ends its sentences with the offset; people want the line. */
function located(error: SyntaxError, text: string): JsonSyntaxError {
  const found = /^(.*) at position (\d+)$/s.exec(error.message);
  if (found === null) return new JsonSyntaxError(error.message, undefined, error);
  const before = text.slice(0, Number(found[2]));
  const start = before.lastIndexOf('\n') + 1;
  const place = { line: before.split('\n').length, column: before.length - start + 1 };
  return new JsonSyntaxError(found[1] ?? error.message, place, error);
}
