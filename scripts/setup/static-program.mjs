import { closeSync, openSync, readSync } from 'node:fs';

/** True for an ELF program of this machine's byte order that names no dynamic loader (elf(5), PT_INTERP). */
export function isStaticProgram(file) {
  const bytes = Buffer.alloc(4096);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(fd);
  }
  const elf64 = bytes.readUInt32BE(0) === 0x7f454c46 && bytes[4] === 2 && bytes[5] === 1;
  if (!elf64) return false;
  const headers = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  if (size < 4 || headers + count * size > bytes.length) return false;
  const types = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(headers + index * size));
  return !types.includes(3);
}
