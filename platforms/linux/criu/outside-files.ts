import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunstateError } from '../../../errors/index.ts';

/** Fields of CRIU's images/fdinfo.proto (file_entry) and images/regfile.proto (reg_file_entry). */
const fileEntry = { reg: 3 } as const;
const regFileEntry = { pos: 3, size: 8, ext: 9, mode: 10 } as const;
/** What CRIU compares with what it is given. */
const forgotten: readonly number[] = [regFileEntry.pos, regFileEntry.size, regFileEntry.mode];

/** IMG_COMMON_MAGIC and FILES_MAGIC of criu/include/magic.h. */
const magics = Buffer.from('1943565438313056', 'hex');

/**
 * Has a dump forget how large the files of the outside were, of which kind, and where in them their processes were: what
 * they are given instead is another file, a pipe or a device, with a place of its own. CRIU would refuse it.
 * @param images the directory of a dump
 * @throws RunstateError CHECKPOINT_FAILED for an image of a form that is not known; SystemError
 */
export function forgetOutsideFiles(images: string): void {
  const file = join(images, 'files.img');
  const image = readFileSync(file);
  if (!image.subarray(0, magics.length).equals(magics)) throw unknownForm();
  const parts: Uint8Array[] = [magics];
  for (let at = magics.length; at < image.length;) {
    const length = at + 4 <= image.length ? image.readUInt32LE(at) : Infinity;
    if (at + 4 + length > image.length) throw unknownForm();
    const entry = changed(image.subarray(at + 4, at + 4 + length));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(entry.length);
    parts.push(head, entry);
    at += 4 + length;
  }
  writeFileSync(file, Buffer.concat(parts));
}

/** Of a file_entry. */
function changed(entry: Buffer): Buffer {
  const fields = fieldsOf(entry);
  return Buffer.concat(
    fields.map(({ number, bytes, content }) => {
      if (number !== fileEntry.reg || content === undefined) return bytes;
      const inner = fieldsOf(content);
      if (!inner.some((one) => one.number === regFileEntry.ext && one.value === 1n)) return bytes;
      const kept = inner.filter((one) => !forgotten.includes(one.number));
      // -1: it stays where the file is that it is given.
      const place = Buffer.concat([varint(BigInt(regFileEntry.pos << 3)), varint((1n << 64n) - 1n)]);
      const body = Buffer.concat([...kept.map((one) => one.bytes), place]);
      return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(body.length)), body]);
    }),
  );
}

/** A field of a message in the wire format of Protocol Buffers. */
interface Field {
  readonly number: number;
  /** All of it. */
  readonly bytes: Buffer;
  /** Of one with a length. */
  readonly content?: Buffer;
  /** Of a varint. */
  readonly value?: bigint;
}

function fieldsOf(message: Buffer): readonly Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < message.length;) {
    const key = readVarint(message, at);
    const number = Number(key.value >> 3n);
    const kind = Number(key.value & 7n);
    if (kind === 0) {
      const { value, end } = readVarint(message, key.end);
      fields.push({ number, value, bytes: message.subarray(at, end) });
      at = end;
    } else if (kind === 2) {
      const length = readVarint(message, key.end);
      const end = length.end + Number(length.value);
      if (end > message.length) throw unknownForm();
      fields.push({ number, content: message.subarray(length.end, end), bytes: message.subarray(at, end) });
      at = end;
    } else if (kind === 1 || kind === 5) {
      const end = key.end + (kind === 1 ? 8 : 4);
      if (end > message.length) throw unknownForm();
      fields.push({ number, bytes: message.subarray(at, end) });
      at = end;
    } else throw unknownForm();
  }
  return fields;
}

function readVarint(from: Buffer, at: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = from[at + index];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  throw unknownForm();
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

const unknownForm = (): RunstateError =>
  new RunstateError('CHECKPOINT_FAILED', {
    phase: 'files',
    cause: 'CRIU has written files.img in a form that is not known',
    lines: '',
  });
