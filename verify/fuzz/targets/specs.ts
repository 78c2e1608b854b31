import { isDeepStrictEqual } from 'node:util';
import {
  defaultSpec,
  parseExact,
  parseProcess,
  parseSpec,
  stringifyExact,
  JsonSyntaxError,
} from '../../../oci/index.ts';
import { refusable } from '../refusals.ts';
import type { Target } from '../target.ts';

/** config.json, as a bundle has it. */
export const specs: Target = {
  name: 'config.json',
  seeds: () => {
    const plain = defaultSpec({ args: ['sh', '-c', 'true'], rootfs: '/srv/root' });
    const more = { ...plain, annotations: { a: 'b' }, hooks: { poststop: [{ path: '/bin/true' }] } };
    return Promise.resolve([plain, more].map((one) => Buffer.from(stringifyExact(one))));
  },
  open: () => Promise.resolve({ read, close: () => Promise.resolve() }),
};

function read(input: Buffer): void {
  let value: unknown;
  try {
    value = parseExact(input.toString('utf8'));
  } catch (error) {
    if (error instanceof JsonSyntaxError) return;
    throw error;
  }
  if (!isDeepStrictEqual(parseExact(stringifyExact(value)), value))
    throw new Error('written down and read it is another');
  const spec = refusable(() => parseSpec(value));
  refusable(() => parseProcess(value));
  // What was found good is so also when it comes back.
  if (spec !== undefined) parseSpec(parseExact(stringifyExact(spec)));
}
