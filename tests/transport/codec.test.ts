import test from 'ava';
import { Fraction, JsonReader, WireObject, encode, type WireValue } from '../../transport/codec/index.ts';

/** What a reader makes of bytes that come in pieces of that size. A number at the end needs the space. */
function read(
  bytes: Buffer | string,
  size = Infinity,
  limits = { bytes: 1 << 20, depth: 10_000 },
): unknown[] {
  const reader = new JsonReader(limits);
  const all = Buffer.concat([Buffer.from(bytes), Buffer.from(' ')]);
  const values: unknown[] = [];
  // The same memory each time, as the server does it.
  const chunk = Buffer.alloc(Math.min(size, all.length));
  for (let at = 0; at < all.length; at += chunk.length) {
    const length = all.copy(chunk, 0, at, at + chunk.length);
    for (const one of reader.push(chunk.subarray(0, length))) {
      if (one.kind === 'invalid') values.push(`invalid: ${one.why}`);
      else values.push(one.kind === 'value' ? plain(one.value) : `too large: ${one.limit}`);
    }
  }
  return values;
}

function plain(value: WireValue): unknown {
  if (value instanceof WireObject)
    return value.names.map((name, i) => [name, plain(value.values[i] ?? null)]);
  if (value instanceof Fraction) return `fraction ${value.text}`;
  return Array.isArray(value) ? value.map((one: WireValue) => plain(one)) : value;
}

const document =
  ' {"a":[1,-0.5,1e3,7.0,true,false,null,"",[],{}],"\\u00e9\\n\\ud83d\\ude00":"h\u00e9\u20ac\u{1f600}",' +
  '"big":[9007199254740991,9007199254740992,9007199254740993,9223372036854775808,18446744073709551615,-9223372036854775808]}';
const parsed = [
  ['a', [1, 'fraction -0.5', 'fraction 1e3', 'fraction 7.0', true, false, null, '', [], []]],
  ['\u00e9\n\u{1f600}', 'h\u00e9\u20ac\u{1f600}'],
  [
    'big',
    [
      9007199254740991,
      9007199254740992n,
      9007199254740993n,
      9223372036854775808n,
      18446744073709551615n,
      -9223372036854775808n,
    ],
  ],
];

for (const size of [1, 2, 3, 7, 64, Infinity]) {
  test(`values in chunks of ${size} bytes, also torn escapes and characters`, (t) => {
    t.deepEqual(read(document, size), [parsed]);
  });

  test(`values that follow each other without a separator, in chunks of ${size} bytes`, (t) => {
    t.deepEqual(read('{}[]"a""b"1 2{"a":3}null', size), [[], [], 'a', 'b', 1, 2, [['a', 3]], null]);
  });
}

test('__proto__ is a name like another, duplicates are kept in order', (t) => {
  t.deepEqual(read('{"__proto__":{"x":1},"a":1,"A":2,"a":3}'), [
    [
      ['__proto__', [['x', 1]]],
      ['a', 1],
      ['A', 2],
      ['a', 3],
    ],
  ]);
  t.is(Object.getOwnPropertyDescriptor(Object.prototype, 'x'), undefined);
});

test('bytes that are no UTF-8 become U+FFFD one by one, as in Go', (t) => {
  const string = (...bytes: number[]): Buffer => Buffer.from([0x22, ...bytes, 0x22]);
  const cases: readonly (readonly [Buffer, string])[] = [
    [string(0xff, 0x61), '\ufffda'],
    [string(0xe2, 0x82), '\ufffd\ufffd'],
    [string(0xe2, 0x82, 0x61), '\ufffd\ufffda'],
    [string(0xed, 0xa0, 0x80), '\ufffd\ufffd\ufffd'],
    [string(0xf0, 0x80, 0x80, 0x80), '\ufffd\ufffd\ufffd\ufffd'],
    [string(0xc0, 0xaf), '\ufffd\ufffd'],
    [string(0xf4, 0x90, 0x80, 0x80), '\ufffd\ufffd\ufffd\ufffd'],
    [string(0xef, 0xbf, 0xbd, 0xc3, 0xa9), '\ufffd\u00e9'],
    [Buffer.from('"\\ud800"'), '\ufffd'],
    [Buffer.from('"\\ud800\\u0041"'), '\ufffdA'],
    [Buffer.from('"\\udc00\\ud83d\\ude00"'), '\ufffd\u{1f600}'],
  ];
  for (const [bytes, text] of cases) {
    t.deepEqual(read(bytes), [text]);
    t.deepEqual(read(bytes, 1), [text]);
  }
});

for (const bad of [
  'x',
  ']',
  '{]',
  '{"a" 1}',
  '{"a":}',
  '{"a":1,}',
  '[1,]',
  '[1 2]',
  '{a:1}',
  "{'a':1}",
  'tru ',
  'nulL',
  '01 ',
  '1. ',
  '.5',
  '-',
  '1e ',
  '+1',
  '--1 ',
  '"\u0001"',
  '"\\x"',
  '"\\u12g4"',
  '{"a":1}}',
  '\ufeff{}',
]) {
  test(`no JSON: ${JSON.stringify(bad)}`, (t) => {
    for (const size of [1, Infinity]) {
      const last = read(bad, size).at(-1);
      t.true(typeof last === 'string' && last.startsWith('invalid: '), String(last));
    }
  });
}

test('what is no JSON is noticed at its first byte, not at the end of the value', (t) => {
  const reader = new JsonReader();
  t.deepEqual(reader.push(Buffer.from('{}{"a":b')).slice(1), [
    { kind: 'invalid', why: "invalid character 'b' where a value was expected" },
  ]);
  t.deepEqual(reader.push(Buffer.from('{}')), []);
});

test('nesting up to 10,000 is read without a deep stack, more is refused', (t) => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  const reader = new JsonReader();
  t.is(reader.push(Buffer.from(nested(10_000))).length, 1);
  t.deepEqual(read(nested(10_001)), ['invalid: nested deeper than 10000']);
  t.deepEqual(read('{"a":'.repeat(10_001)), ['invalid: nested deeper than 10000']);
});

test('a value larger than the limit is followed to its end, and the next one is read', (t) => {
  const limits = { bytes: 100, depth: 10_000 };
  const large = `{"a":"${'x'.repeat(200)}","b":[${'1,'.repeat(300)}1],"c":{"d":-1.5e3}}`;
  for (const size of [1, 7, 64, Infinity]) {
    t.deepEqual(read(`{"x":1}${large}[2]${'9'.repeat(101)} {}`, size, limits), [
      [['x', 1]],
      'too large: 100',
      [2],
      'too large: 100',
      [],
    ]);
    t.deepEqual(read(`"${'x'.repeat(98)}"`, size, limits), ['x'.repeat(98)]);
    t.deepEqual(read(`"${'x'.repeat(99)}"`, size, limits), ['too large: 100']);
  }
});

test('time grows with the length, not its square', (t) => {
  const time = (length: number): number => {
    const reader = new JsonReader();
    const byte = Buffer.alloc(1);
    const begun = performance.now();
    for (let i = 0; i < length; i++) {
      byte[0] = i === 0 ? 0x22 : 0x61;
      reader.push(byte);
    }
    return performance.now() - begun;
  };
  time(100_000);
  const [small, large] = [time(100_000), time(1_600_000)];
  t.true(large < small * 16 * 8, `${small} ms, sixteen times as much in ${large} ms`);
});

test('an integer of millions of digits costs nothing', (t) => {
  const begun = performance.now();
  t.is(read('9'.repeat(1_000_000)).length, 1);
  t.true(performance.now() - begun < 1000);
});

test('the encoder writes as Go does', (t) => {
  t.is(
    encode('<a> & \u2028\u2029"\\\n\t\b\f\u0001\u007f\\b'),
    '"\\u003ca\\u003e \\u0026 \\u2028\\u2029\\"\\\\\\n\\t\\u0008\\u000c\\u0001\u007f\\\\b"',
  );
  t.is(encode('\ud800x\u{1f600}'), '"\ufffdx\u{1f600}"');
  t.is(
    encode({ b: 18446744073709551615n, a: [1, undefined, -0, 1.5], none: undefined }),
    '{"b":18446744073709551615,"a":[1,null,0,1.5]}',
  );
  t.is(encode(new Map([['__proto__', 1]])), '{"__proto__":1}');
  t.is(encode(Buffer.from([0, 255])), '"AP8="');
  t.is(encode([]), '[]');
  t.throws(() => encode(NaN), { message: 'NaN is no JSON' });
  t.throws(() => encode({ f: () => 1 }), { message: 'a function is no JSON' });
  const self: unknown[] = [];
  self.push(self);
  t.throws(() => encode(self), { message: 'nested deeper than 1000' });
});

test('what was encoded is read back', (t) => {
  for (const text of ['\\\\b\b\\f', '\u2028<', '\u{10ffff}', '\\u0041', '\u007f']) {
    t.deepEqual(read(encode(text), 1), [text]);
  }
});
