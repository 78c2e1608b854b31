import { crc32 } from 'node:zlib';
import type { JournalRecord } from './record.ts';

/** A record as it stands in the file: the CRC-32 of its JSON in eight digits, a space, the JSON, a newline. */
export function encodeLine(record: JournalRecord): string {
  const json = JSON.stringify(record);
  return `${checksum(json)} ${json}\n`;
}

/** The value of a line without its newline. @throws Error that says why it is none */
export function decodeLine(line: string): unknown {
  const [sum, json] = [line.slice(0, 8), line.slice(9)];
  if (line[8] !== ' ' || sum !== checksum(json)) throw new Error('its checksum is another');
  return JSON.parse(json);
}

const checksum = (json: string): string => crc32(json).toString(16).padStart(8, '0');
