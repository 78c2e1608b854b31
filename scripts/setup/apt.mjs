// Debian packages by apt-get, from wherever this machine's own configuration takes them.
import { spawnSync } from 'node:child_process';
import { accessSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from './step.mjs';
import { runTool } from './tool.mjs';

const lists = '/var/lib/apt/lists';
const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
/** Another apt may be at work (unattended upgrades): wait for it, but not for ever. */
const patience = ['-o', 'DPkg::Lock::Timeout=120'];
const telling = /^(E:|W:|dpkg: error)/;

/** True when this process may install packages. RUNSTATE_NO_APT=1 forbids it. */
export function aptAllowed() {
  if (process.env.RUNSTATE_NO_APT === '1' || process.getuid() !== 0) return false;
  try {
    accessSync('/usr/bin/apt-get');
    return true;
  } catch {
    // Not a Debian machine.
    return false;
  }
}

/** Installs packages with nothing that is only recommended. Throws a SetupError with apt's own words. */
export function aptInstall(packages) {
  withFreshLists(() =>
    runTool('apt-get', [...patience, 'install', '-y', '--no-install-recommends', ...packages], {
      env,
      telling,
    }),
  );
}

/** Unpacks a package's files under a directory, without installing it. */
export function unpackInto(directory, name) {
  const work = mkdtempSync(join(tmpdir(), 'runstate-setup-'));
  try {
    withFreshLists(() => runTool('apt-get', ['download', name], { cwd: work, env, telling }));
    const [archive] = readdirSync(work);
    if (archive === undefined) throw new SetupError(`apt-get download ${name} brought nothing`);
    mkdirSync(directory, { recursive: true });
    runTool('dpkg-deb', ['-x', join(work, archive), directory]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** True when dpkg has that package installed. */
export function installedPackage(name) {
  const done = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return done.status === 0 && done.stdout === 'installed';
}

/** The lists are fetched only where there are none, or where they turn out to be too old to work with. */
function withFreshLists(install) {
  if (!readdirSync(lists).some((name) => name.includes('_Packages'))) {
    update();
    install();
    return;
  }
  try {
    install();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    update();
    install();
  }
}

function update() {
  runTool('apt-get', [...patience, 'update'], { env, telling });
}
