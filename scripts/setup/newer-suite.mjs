// A program of a newer Debian suite, with the libraries that it needs, in a directory of its own. Nothing of the
// system is touched: neither its packages, nor its C library, nor its list of sources.
import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './step.mjs';
import { runTool } from './tool.mjs';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const telling = /^(E:|W:|dpkg-deb: error)/;
/** What no program needs when it runs. */
const superfluous = ['doc', 'man', 'locale', 'lintian', 'bug', 'bash-completion'];

/**
 * Makes `directory`/bin/PROGRAM. Throws a SetupError when it cannot be had; then nothing is left.
 * @param wanted `{ package, program }`: its package, and its path in that
 */
export function fetchNewer(directory, suite, wanted) {
  rmSync(directory, { recursive: true, force: true });
  const apt = join(directory, 'apt');
  try {
    const env = configure(apt, suite);
    runTool('apt-get', ['-qq', 'update'], { env, telling, minutes: 2 });
    const names = packagesFor(env, wanted.package);
    runTool('apt-get', ['-qq', 'download', ...names], {
      env,
      telling,
      cwd: join(apt, 'archives'),
      minutes: 5,
    });
    const root = join(directory, 'root');
    mkdirSync(root, { recursive: true });
    for (const archive of readdirSync(join(apt, 'archives')).filter((name) => name.endsWith('.deb')))
      runTool('dpkg-deb', ['-x', join(apt, 'archives', archive), root], { telling });
    for (const name of superfluous) rmSync(join(root, 'usr/share', name), { recursive: true, force: true });
    writeStarter(directory, root, wanted.program);
    rmSync(apt, { recursive: true, force: true });
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** An apt of its own, which knows nothing to be installed: so it finds all that the package needs. */
function configure(apt, suite) {
  for (const folder of ['lists/partial', 'archives/partial', 'state', 'etc'])
    mkdirSync(join(apt, folder), { recursive: true });
  writeFileSync(join(apt, 'status'), '');
  writeFileSync(join(apt, 'sources.list'), `deb [signed-by=${keyring}] ${mirror()} ${suite} main\n`);
  const settings = {
    'Dir::State': join(apt, 'state'),
    'Dir::State::lists': join(apt, 'lists'),
    'Dir::State::status': join(apt, 'status'),
    'Dir::Cache': apt,
    'Dir::Cache::archives': join(apt, 'archives'),
    'Dir::Etc::sourcelist': join(apt, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
  };
  const config = join(apt, 'apt.conf');
  writeFileSync(
    config,
    Object.entries(settings)
      .map(([key, value]) => `${key} "${value}";\n`)
      .join(''),
  );
  return { APT_CONFIG: config, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
}

/** Where this machine's own apt takes Debian from. */
function mirror() {
  const sites = runTool('apt-get', [
    'indextargets',
    '--format',
    '$(SITE)',
    'Created-By: Packages',
    'Origin: Debian',
  ]);
  const any =
    sites.trim() || runTool('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']);
  const site = any.split('\n').find((one) => !one.includes('security'));
  if (site === undefined || site === '') throw new SetupError('apt has no source of packages');
  return site;
}

/** Of all that the package needs: itself and the libraries. Shells and interpreters no program needs when it runs. */
function packagesFor(env, name) {
  const uris = runTool('apt-get', ['-qq', '-y', '--print-uris', 'install', name], { env, telling });
  const names = uris.split('\n').flatMap((line) => /^'[^']*' ([^_ ]+)_/.exec(line)?.[1] ?? []);
  return names.filter((one) => one === name || /^(lib|zlib1g)/.test(one));
}

/** The program by its own dynamic loader, as the system's may be too old for it. */
function writeStarter(directory, root, program) {
  const libraries = readdirSync(join(root, 'usr/lib'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /-linux-gnu/.test(entry.name))
    .map((entry) => join(root, 'usr/lib', entry.name));
  const loader = libraries
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .find((file) => /\/ld-linux[^/]*\.so\.\d+$/.test(file));
  if (loader === undefined) throw new SetupError(`no dynamic loader came with ${program}`);
  // Reads a little of it: a broken archive is told here.
  readFileSync(join(root, program), { encoding: 'latin1' });
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  const starter = join(bin, program.split('/').at(-1));
  const paths = [loader, libraries.join(':'), join(root, program)].map(quoted);
  const line = `${paths[0]} --argv0 "$0" --library-path ${paths[1]} ${paths[2]}`;
  writeFileSync(`${starter}.new`, `#!/bin/sh\nexec ${line} "$@"\n`);
  chmodSync(`${starter}.new`, 0o755);
  renameSync(`${starter}.new`, starter);
}

/** For a shell. */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
