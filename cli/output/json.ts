import { stringifyExact } from '../../oci/index.ts';

/** One line of JSON; 64-bit integers are written exactly. */
export function jsonLine(value: unknown): string {
  return `${stringifyExact(value)}\n`;
}

/** JSON for people, indented as runc's is. */
export function jsonText(value: unknown): string {
  return `${stringifyExact(value, 2)}\n`;
}
