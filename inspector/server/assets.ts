import { readFile } from 'node:fs/promises';
import { RunstateError, messageOf } from '../../errors/index.ts';

/** What the page consists of, made by the set-up (scripts/setup/page.mjs): its files and their types. */
const assets = new Map(
  Object.entries({
    'index.html': 'text/html; charset=utf-8',
    'page.js': 'text/javascript; charset=utf-8',
    'page.css': 'text/css; charset=utf-8',
    'icon.svg': 'image/svg+xml',
  }),
);

const chart = /^charts\/[a-z-]+\.svg$/;

export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Undefined for what is none. @throws RunstateError SYSTEM when the page was not made */
export async function readAsset(name: string): Promise<Asset | undefined> {
  const type = chart.test(name) ? 'image/svg+xml' : assets.get(name);
  if (type === undefined) return undefined;
  const place = new URL(`../../../build/page/${name}`, import.meta.url);
  try {
    return { type, bytes: await readFile(place) };
  } catch (error) {
    if (chart.test(name) && error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return undefined;
    const why = `${messageOf(error)}; to make the inspector's page: npm run setup`;
    throw new RunstateError('SYSTEM', { call: 'read', what: name, why }, { cause: error });
  }
}
