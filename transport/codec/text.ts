/** Strings of JSON from their bytes, as Go's encoding/json reads them: never refused for what is no UTF-8. */

/** The text between the quotes; `escaped` when it holds a backslash. The grammar of the escapes has been checked. */
export function textOf(bytes: Buffer, escaped: boolean): string {
  let text = bytes.toString('utf8');
  if (text.includes('\ufffd')) text = lenient(bytes);
  if (!escaped) return text;
  const unescaped: unknown = JSON.parse(`"${text}"`);
  if (typeof unescaped !== 'string') throw new TypeError('a string was expected');
  // Half a surrogate pair is no character.
  return unescaped.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** UTF-8 with U+FFFD for each byte that is part of no character, as Go; TextDecoder gives fewer for a torn one. */
function lenient(bytes: Buffer): string {
  let text = '';
  let good = 0;
  for (let i = 0; i < bytes.length;) {
    const length = characterLength(bytes, i);
    if (length === 0) {
      text += bytes.toString('utf8', good, i) + '\ufffd';
      good = i + 1;
    }
    i += length === 0 ? 1 : length;
  }
  return text + bytes.toString('utf8', good);
}

/** Length of the character that starts there; 0 when none does. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  for (let i = 1; i < length; i++) {
    if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  const second = bytes[at + 1] ?? 0;
  const overlong = (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  const surrogate = first === 0xed && second >= 0xa0;
  const beyond = first === 0xf4 && second >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}
