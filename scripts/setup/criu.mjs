// CRIU, which saves and restores containers: the distribution's where it works on this kernel, else a newer suite's in
// build/criu. Optional: without it there are no checkpoints, and they say so.
import { existsSync, rmSync } from 'node:fs';
import { release } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { aptAllowed } from './apt.mjs';
import { fetchNewer } from './newer-suite.mjs';
import { fingerprint, readIfThere, writeStamp } from './stamp.mjs';
import { SetupError } from './step.mjs';

/** Tried in this order. trixie's 4.1 passes `criu check`, and fails to dump TCP connections. */
const suites = ['sid'];

export const criu = {
  name: 'CRIU',
  pending(root) {
    // Nothing is tried without root: `runstate doctor` tells what is missing.
    if (process.getuid() !== 0 || !existsSync(proberOf(root))) return undefined;
    if (readIfThere(stampOf(root)) === wanted(root)) return undefined;
    return 'looking for one that works here';
  },
  async perform(root) {
    const { tryCriu } = await import(pathToFileURL(proberOf(root)).href);
    const tried = [];
    const accept = async (program, where) => {
      const why = await tryCriu(program);
      if (why !== undefined) tried.push(`${where}: ${why}`);
      return why === undefined;
    };
    rmSync(stampOf(root), { force: true });
    const own = join(root, 'build', 'criu', 'bin', 'criu');
    const done = (result) => {
      writeStamp(stampOf(root), wanted(root));
      return result;
    };
    if (existsSync(own) && (await accept(own, 'build/criu'))) return done('the one in build/criu works');
    rmSync(join(root, 'build', 'criu'), { recursive: true, force: true });
    const installed = onPath('criu');
    if (installed !== undefined && (await accept(installed, installed))) return done(`${installed} works`);
    if (!aptAllowed()) {
      // Told once; looked for again when apt is allowed.
      const why = ['none may be fetched (no apt-get, or RUNSTATE_NO_APT=1)', ...tried].join('; ');
      return done(`none works here, so that there will be no checkpoints: ${why}`);
    }
    for (const suite of suites) {
      try {
        fetchNewer(join(root, 'build', 'criu'), suite, { package: 'criu', program: 'usr/sbin/criu' });
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        tried.push(`${suite}: ${error.message}`);
        continue;
      }
      if (await accept(own, suite)) return done(`from ${suite}, in build/criu`);
      rmSync(join(root, 'build', 'criu'), { recursive: true, force: true });
    }
    return `none works here, so that there will be no checkpoints:\n  ${tried.join('\n  ')}`;
  },
};

const stampOf = (root) => join(root, 'build', 'setup', 'criu.stamp');
const proberOf = (root) => join(root, 'dist', 'platforms', 'linux', 'criu', 'try-criu.js');

/** Another kernel may need another CRIU. */
const wanted = (root) =>
  fingerprint(
    release(),
    String(aptAllowed()),
    onPath('criu') ?? '',
    String(existsSync(join(root, 'build', 'criu', 'bin', 'criu'))),
  );

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
