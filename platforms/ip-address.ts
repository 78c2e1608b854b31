/** IP addresses as bytes and as text, by the rules of Go's net.IP, which the control protocol keeps. */
import { isIPv4, isIPv6 } from 'node:net';

/** Four bytes or sixteen, in network order. */
export type IpBytes = readonly number[];

/**
 * The bytes of an address; undefined when the text is none. A v4 address that is written as v6 (`::ffff:10.0.0.1`) is
 * v4, as net.IP.To4 has it. No zones.
 */
export function parseIp(text: string): IpBytes | undefined {
  if (isIPv4(text)) return text.split('.').map(Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  return unmapped(bytesOfV6(text));
}

/** A v4 address that stands in sixteen bytes, in four; anything else as it is. Of a mask, too. */
export function unmapped(bytes: IpBytes): IpBytes {
  const isMapped =
    bytes.length === 16 &&
    bytes.slice(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 255 &&
    bytes[11] === 255;
  return isMapped ? bytes.slice(12) : bytes;
}

/** The text of four or sixteen bytes; v6 as RFC 5952 has it, and as `ip` prints it. */
export function formatIp(bytes: IpBytes): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from(
    { length: 8 },
    (_none, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0),
  );
  const zeros = longestZeros(groups);
  const shown = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':');
  if (zeros.length < 2) return shown(groups);
  return `${shown(groups.slice(0, zeros.start))}::${shown(groups.slice(zeros.start + zeros.length))}`;
}

/** How many ones a mask begins with; undefined when others follow, as no prefix does. */
export function prefixOfMask(mask: IpBytes): number | undefined {
  const bits = mask.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const prefix = bits.indexOf('0') < 0 ? bits.length : bits.indexOf('0');
  return bits.slice(prefix).includes('1') ? undefined : prefix;
}

/** Whether an address has bits beyond its first `prefix` ones. */
export function hasHostBits(bytes: IpBytes, prefix: number): boolean {
  return bytes.some((byte, i) => (byte & (0xff >> Math.min(8, Math.max(0, prefix - 8 * i)))) !== 0);
}

function bytesOfV6(text: string): IpBytes {
  const [head = '', tail] = text.split('::');
  const [first, last] = [groupsOf(head), groupsOf(tail ?? '')];
  return [...first, ...Array<number>(16 - first.length - last.length).fill(0), ...last];
}

/** Of text that is known to be right. */
function groupsOf(text: string): IpBytes {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > longest.length) longest = { start, length: end - start };
  }
  return longest;
}
