import type { Random } from './random.ts';

/** What breaks readers of text and of binary forms. */
const tokens: readonly Buffer[] = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u0000',
    '\\ud800',
    'null',
    'true',
    '-',
    '1e309',
    '0.1',
    '\n',
    '\r',
  ],
  ...[
    '18446744073709551616',
    '9223372036854775807',
    '-9223372036854775808',
    '4294967296',
    '00',
    '1.',
    '\0',
    ' ',
  ],
  ...['__proto__', 'constructor', 'toString', '../../..', '/', '\u2028', '\ufeff', '💥', 'é'],
].map((text) => Buffer.from(text));
const bytes = [0, 1, 0x7f, 0x80, 0xff, 0x20, 0x22, 0x5b, 0x7b];
/** In bytes: a longer one tells nothing that a shorter one would not. */
const longest = 64 * 1024;

/** Another input, made of one, and of another one now and then. */
export function mutate(input: Buffer, other: Buffer, random: Random): Buffer {
  let made = input;
  for (let times = 1 + random.below(4); times > 0; times--) made = once(made, other, random);
  return made.subarray(0, longest);
}

function once(input: Buffer, other: Buffer, random: Random): Buffer {
  const at = random.below(input.length + 1);
  const length = random.below(Math.min(64, input.length - at) + 1);
  const [before, after] = [input.subarray(0, at), input.subarray(at)];
  switch (random.below(9)) {
    case 0:
      return flipped(input, at, random);
    case 1:
      return Buffer.concat([before, Buffer.of(random.of(bytes)), after.subarray(1)]);
    case 2:
      return Buffer.concat([before, random.of(tokens), after]);
    case 3:
      return Buffer.concat([before, random.of(tokens), after.subarray(length)]);
    case 4:
      return Buffer.concat([before, after.subarray(length)]);
    case 5:
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 6:
      return before;
    case 7:
      return Buffer.concat([before, other.subarray(random.below(other.length + 1))]);
    default: {
      const piece = after.subarray(0, length);
      return Buffer.concat([before, ...Array.from({ length: 1 + random.below(200) }, () => piece), after]);
    }
  }
}

function flipped(input: Buffer, at: number, random: Random): Buffer {
  const made = Buffer.from(input);
  const index = at % Math.max(1, made.length);
  made[index] = (made[index] ?? 0) ^ (1 << random.below(8));
  return made;
}
