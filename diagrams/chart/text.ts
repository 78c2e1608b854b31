/** Text in a picture that nobody can measure before it is shown: by the average width of its letters. */

export interface TextStyle {
  readonly size: number;
  /** Of a letter, in parts of the size. */
  readonly letter: number;
}

export const nameStyle: TextStyle = { size: 14, letter: 0.6 };
export const smallStyle: TextStyle = { size: 11, letter: 0.56 };

/** In pixels. */
export const widthOf = (text: string, { size, letter }: TextStyle): number =>
  Math.ceil(text.length * size * letter);

/** In pixels, of a line. */
export const heightOf = ({ size }: TextStyle): number => Math.ceil(size * 1.35);

/** Breaks a list of words with commas into lines of at most so many letters. */
export function wrapped(words: readonly string[], most: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  words.forEach((word, index) => {
    const next = `${word}${index < words.length - 1 ? ',' : ''}`;
    if (line !== '' && line.length + next.length + 1 > most) {
      lines.push(line);
      line = next;
    } else line = line === '' ? next : `${line} ${next}`;
  });
  return line === '' ? lines : [...lines, line];
}

/** For XML. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
