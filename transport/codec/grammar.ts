/** JSON's grammar, byte by byte. */
import { Fraction, type WireValue } from './value.ts';

/** What is no JSON, or nested too deep. The stream has no readable rest. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

export const [QUOTE, BACKSLASH, MINUS, COMMA, COLON] = [0x22, 0x5c, 0x2d, 0x2c, 0x3a];
export const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
export const LETTER_U = 0x75;

export const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
export const isHex = (byte: number): boolean =>
  isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
/** What may stand in a number; its grammar is checked when it ends. */
export const isNumberByte = (byte: number): boolean =>
  isDigit(byte) || byte === MINUS || byte === 0x2b || byte === 0x2e || (byte | 0x20) === 0x65;
export const isShortEscape = (byte: number): boolean => '"\\/bfnrt'.includes(String.fromCharCode(byte));

const numberGrammar = /^-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
/** No integer of any message has more digits; reading one of millions would take minutes. */
const longestInteger = 64;

/** The literals by their first byte. */
export const literals = new Map<number, { readonly text: string; readonly value: WireValue }>([
  [0x74, { text: 'true', value: true }],
  [0x66, { text: 'false', value: false }],
  [0x6e, { text: 'null', value: null }],
]);

/** The value of a number's text. Throws JsonSyntaxError. */
export function numberOf(text: string): WireValue {
  const parts = numberGrammar.exec(text);
  if (parts === null) throw new JsonSyntaxError(`invalid number ${JSON.stringify(text.slice(0, 40))}`);
  if (parts[1] !== undefined || parts[2] !== undefined || text.length > longestInteger)
    return new Fraction(text);
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** The error of a byte that cannot stand there. */
export function invalid(byte: number, where: string): JsonSyntaxError {
  const shown = byte >= 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `0x${byte.toString(16)}`;
  return new JsonSyntaxError(`invalid character ${shown} ${where}`);
}
