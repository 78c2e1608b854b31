// The set-up that `npm start`, `npm test` and `npm run setup` do first: makes what is missing and nothing else.
// Plain JavaScript without dependencies: nothing is installed or compiled yet when it runs. Steps are in setup/.
// With --tests it also brings what only tests use, and forgets what earlier runs of them saw (tests/support/evidence.ts).
// RUNSTATE_NO_APT=1 forbids it to install system packages.
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addon } from './setup/addon.mjs';
import { bundle } from './setup/bundle.mjs';
import { checkNode } from './setup/check-node.mjs';
import { compile } from './setup/compile.mjs';
import { criu } from './setup/criu.mjs';
import { dependencies } from './setup/dependencies.mjs';
import { withLock } from './setup/lock.mjs';
import { packages } from './setup/packages.mjs';
import { page } from './setup/page.mjs';
import { rootfs } from './setup/rootfs.mjs';
import { SetupError, step } from './setup/step.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

try {
  checkNode(process.versions.node);
  mkdirSync(join(root, 'build', 'setup'), { recursive: true });
  await withLock(join(root, 'build', 'setup', 'lock'), async () => {
    for (const one of [dependencies, packages, addon, compile, bundle, page, rootfs, criu])
      await step(one, root);
    if (process.argv.includes('--tests'))
      rmSync(join(root, 'build', 'evidence'), { recursive: true, force: true });
  });
} catch (error) {
  // Only what was meant for the user is shown without its stack: anything else is a fault of ours.
  console.error(error instanceof SetupError ? `setup: ${error.message}` : error);
  process.exitCode = 1;
}
