// The C addon and the helper programs. native/build.mjs knows how, and whether they are stale.
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SetupError } from './step.mjs';

export const addon = {
  name: 'native addon',
  async pending(root) {
    // Asking is doing here: it returns at once when all is up to date, and takes a second or two otherwise.
    const { buildNative } = await import(pathToFileURL(join(root, 'native', 'build.mjs')).href);
    const start = performance.now();
    let built;
    try {
      built = buildNative();
    } catch (error) {
      throw new SetupError(`native addon: ${error.message}`, { cause: error });
    }
    if (built)
      console.log(`setup: native addon: built (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    return undefined;
  },
  perform() {
    return undefined;
  },
};
