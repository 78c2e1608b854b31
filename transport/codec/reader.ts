/**
 * An incremental JSON reader: values one after another, with or without white space between them, in chunks of any
 * size. Every byte is looked at once, nesting uses no call stack. What is no JSON is noticed at its first byte.
 */
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  JsonSyntaxError,
  LETTER_U,
  MINUS,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  invalid,
  isDigit,
  isHex,
  isNumberByte,
  isShortEscape,
  isSpace,
  literals,
  numberOf,
} from './grammar.ts';
import { textOf } from './text.ts';
import { HeldBytes } from './held-bytes.ts';
import { WireObject, type WireValue } from './value.ts';

export interface ReaderLimits {
  /** Bytes that one value may have. */
  readonly bytes: number;
  /** Arrays and objects in each other. */
  readonly depth: number;
}

export const defaultLimits: ReaderLimits = { bytes: 32 * 1024 * 1024, depth: 10_000 };

/** One value of the stream; or that there was one too large to keep; or that no more can be read: what follows is no JSON, or nested too deep. */
export type Read =
  | { readonly kind: 'value'; readonly value: WireValue }
  | { readonly kind: 'tooLarge'; readonly limit: number }
  | { readonly kind: 'invalid'; readonly why: string };

interface OpenArray {
  readonly kind: 'array';
  readonly values: WireValue[];
}

interface OpenObject {
  readonly kind: 'object';
  readonly names: string[];
  readonly values: WireValue[];
}

/** Between tokens: what may come next. White space may always come. */
type Between =
  'start' | 'value' | 'firstElement' | 'afterElement' | 'firstName' | 'name' | 'colon' | 'afterField';
type State = Between | 'string' | 'number' | 'literal';

export class JsonReader {
  readonly #limits: ReaderLimits;
  #state: State = 'start';
  #open: (OpenArray | OpenObject)[] = [];
  #started = 0;
  #isDead = false;
  /** Bytes of the current value in earlier chunks, and where it starts in this one. */
  #earlier = 0;
  #from = 0;
  #tooLarge = false;
  /** A token that began in an earlier chunk: its bytes so far. */
  readonly #held = new HeldBytes();
  #isName = false;
  #escaped = false;
  /** In a string: 0 plain, 1 after a backslash, 2 to 5 before that many − 1 hexadecimal digits. */
  #escape = 0;
  #literal = { text: '', value: null as WireValue };
  #literalAt = 0;

  constructor(limits: ReaderLimits = defaultLimits) {
    this.#limits = limits;
  }

  /** How many values have begun so far. */
  get started(): number {
    return this.#started;
  }

  /** True in the middle of a value. */
  get isInside(): boolean {
    return this.#state !== 'start';
  }

  /**
   * Takes the next bytes and gives the values that they complete. Keeps no reference to `chunk`. After an `invalid`
   * there is nothing more.
   */
  push(chunk: Buffer): Read[] {
    const done: Read[] = [];
    if (this.#isDead) return done;
    this.#from = 0;
    try {
      for (let i = 0; i < chunk.length;) i = this.#step(chunk, i, done);
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      this.#isDead = true;
      done.push({ kind: 'invalid', why: error.message });
      return done;
    }
    if (this.#state !== 'start') {
      this.#earlier += chunk.length - this.#from;
      this.#checkSize(this.#earlier);
    }
    return done;
  }

  /** Handles what stands at `i`; gives where to go on. */
  #step(chunk: Buffer, i: number, done: Read[]): number {
    const byte = chunk[i] ?? 0;
    if (this.#state === 'string') return this.#stringAt(chunk, i, done);
    if (this.#state === 'number') return this.#numberAt(chunk, i, done);
    if (this.#state === 'literal') return this.#literalByte(byte, i, done);
    return isSpace(byte) ? i + 1 : this.#structureAt(this.#state, byte, i, done);
  }

  #structureAt(state: Between, byte: number, i: number, done: Read[]): number {
    switch (state) {
      case 'start':
        this.#started++;
        this.#from = i;
        this.#earlier = 0;
        this.#tooLarge = false;
        return this.#valueAt(byte, i);
      case 'value':
        return this.#valueAt(byte, i);
      case 'firstElement':
        return byte === CLOSE_ARRAY ? this.#closeAt(i, done) : this.#valueAt(byte, i);
      case 'afterElement':
        if (byte === CLOSE_ARRAY) return this.#closeAt(i, done);
        return this.#punctuation(byte, i, COMMA, 'value', 'after an array element');
      case 'firstName':
        return byte === CLOSE_OBJECT ? this.#closeAt(i, done) : this.#nameAt(byte, i);
      case 'name':
        return this.#nameAt(byte, i);
      case 'colon':
        return this.#punctuation(byte, i, COLON, 'value', 'after a field name');
      case 'afterField':
        if (byte === CLOSE_OBJECT) return this.#closeAt(i, done);
        return this.#punctuation(byte, i, COMMA, 'name', 'after a field');
    }
  }

  #punctuation(byte: number, i: number, wanted: number, next: State, where: string): number {
    if (byte !== wanted) throw invalid(byte, where);
    this.#state = next;
    return i + 1;
  }

  #nameAt(byte: number, i: number): number {
    if (byte !== QUOTE) throw invalid(byte, 'where a field name was expected');
    return this.#beginString(i, true);
  }

  #valueAt(byte: number, i: number): number {
    if (byte === OPEN_OBJECT) return this.#openAt({ kind: 'object', names: [], values: [] }, 'firstName', i);
    if (byte === OPEN_ARRAY) return this.#openAt({ kind: 'array', values: [] }, 'firstElement', i);
    if (byte === QUOTE) return this.#beginString(i, false);
    if (byte === MINUS || isDigit(byte)) {
      this.#state = 'number';
      return i;
    }
    const literal = literals.get(byte);
    if (literal === undefined) throw invalid(byte, 'where a value was expected');
    this.#literal = literal;
    this.#literalAt = 1;
    this.#state = 'literal';
    return i + 1;
  }

  #openAt(container: OpenArray | OpenObject, state: State, i: number): number {
    if (this.#open.length >= this.#limits.depth) {
      throw new JsonSyntaxError(`nested deeper than ${this.#limits.depth}`);
    }
    this.#open.push(container);
    this.#state = state;
    return i + 1;
  }

  #closeAt(i: number, done: Read[]): number {
    const closed = this.#open.pop();
    if (closed === undefined) throw new JsonSyntaxError('nothing is open');
    this.#put(
      closed.kind === 'array' ? closed.values : new WireObject(closed.names, closed.values),
      i + 1,
      done,
    );
    return i + 1;
  }

  /** A value is complete; it ended before `end`. */
  #put(value: WireValue, end: number, done: Read[]): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) {
      this.#checkSize(this.#earlier + end - this.#from);
      done.push(this.#tooLarge ? { kind: 'tooLarge', limit: this.#limits.bytes } : { kind: 'value', value });
      this.#state = 'start';
      return;
    }
    if (!this.#tooLarge) parent.values.push(value);
    this.#state = parent.kind === 'array' ? 'afterElement' : 'afterField';
  }

  /** From here on the value is only followed to its end, so that the one who sent it can be told. */
  #checkSize(bytes: number): void {
    if (bytes <= this.#limits.bytes || this.#tooLarge) return;
    this.#tooLarge = true;
    this.#open = this.#open.map((one) =>
      one.kind === 'array' ? { kind: 'array', values: [] } : { kind: 'object', names: [], values: [] },
    );
    this.#held.clear();
  }

  #beginString(i: number, isName: boolean): number {
    this.#isName = isName;
    this.#escaped = false;
    this.#escape = 0;
    this.#state = 'string';
    return i + 1;
  }

  #stringAt(chunk: Buffer, start: number, done: Read[]): number {
    let i = start;
    for (; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (this.#escape !== 0) {
        this.#escapeByte(byte);
      } else if (byte === QUOTE) {
        const text = this.#tooLarge ? '' : textOf(this.#held.join(chunk.subarray(start, i)), this.#escaped);
        if (!this.#isName) this.#put(text, i + 1, done);
        else {
          const parent = this.#open.at(-1);
          if (parent?.kind === 'object' && !this.#tooLarge) parent.names.push(text);
          this.#state = 'colon';
        }
        return i + 1;
      } else if (byte === BACKSLASH) {
        this.#escaped = true;
        this.#escape = 1;
      } else if (byte < 0x20) {
        throw invalid(byte, 'in a string');
      }
    }
    this.#keep(chunk, start, i);
    return i;
  }

  #escapeByte(byte: number): void {
    if (this.#escape === 1) {
      if (byte === LETTER_U) this.#escape = 5;
      else if (isShortEscape(byte)) this.#escape = 0;
      else throw invalid(byte, 'in an escape');
    } else {
      if (!isHex(byte)) throw invalid(byte, 'in a \\u escape');
      this.#escape = this.#escape === 2 ? 0 : this.#escape - 1;
    }
  }

  #numberAt(chunk: Buffer, start: number, done: Read[]): number {
    let i = start;
    while (i < chunk.length && isNumberByte(chunk[i] ?? 0)) i++;
    // A number has no end of its own: the next byte, perhaps of the next chunk, ends it.
    if (i === chunk.length) this.#keep(chunk, start, i);
    else if (this.#tooLarge) this.#put(null, i, done);
    else this.#put(numberOf(this.#held.join(chunk.subarray(start, i)).toString('latin1')), i, done);
    return i;
  }

  #literalByte(byte: number, i: number, done: Read[]): number {
    const { text, value } = this.#literal;
    if (byte !== text.charCodeAt(this.#literalAt)) throw invalid(byte, `in ${text}`);
    this.#literalAt++;
    if (this.#literalAt === text.length) this.#put(value, i + 1, done);
    return i + 1;
  }

  /** Of what is too large nothing is kept. */
  #keep(chunk: Buffer, start: number, end: number): void {
    if (!this.#tooLarge) this.#held.add(chunk.subarray(start, end));
  }
}
