// The npm packages, exactly as package-lock.json names them.
import { join } from 'node:path';
import { fingerprint, readIfThere, writeStamp } from './stamp.mjs';
import { runTool } from './tool.mjs';

export const dependencies = {
  name: 'npm packages',
  pending(root) {
    const lock = readIfThere(join(root, 'package-lock.json'));
    const installed = readIfThere(join(root, 'node_modules', '.package-lock.json'));
    if (installed === undefined) return 'installing';
    if (readIfThere(stampOf(root)) === fingerprint(lock)) return undefined;
    // Installed by hand, or the lock file was only formatted: npm's own note of what it put there decides.
    if (!holds(JSON.parse(installed).packages, JSON.parse(lock).packages))
      return 'package-lock.json has changed';
    writeStamp(stampOf(root), fingerprint(lock));
    return undefined;
  },
  perform(root) {
    // Install scripts are left out: none is needed, and npm may hold them back anyway. Development packages are
    // needed to build, whatever NODE_ENV says.
    const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    // npm's own pauses between tries make a missing network known after more than a minute.
    runTool('npm', [...args, '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'], {
      cwd: root,
      telling: /npm (error|ERR!)/,
    });
    const lock = readIfThere(join(root, 'package-lock.json'));
    writeStamp(stampOf(root), fingerprint(lock));
    return `${Object.keys(JSON.parse(lock).packages).length - 1} packages`;
  },
};

/** In node_modules, so that it vanishes with them. */
function stampOf(root) {
  return join(root, 'node_modules', '.runstate-stamp');
}

/** True when every package of the lock file is installed in its version; optional ones may be for other machines. */
function holds(installed, wanted) {
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      (installed[path] === undefined ? entry.optional === true : installed[path].version === entry.version),
  );
}
