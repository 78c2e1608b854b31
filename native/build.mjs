// Builds the C addon (build/runstate.node) and the helper programs (build/<name>) by the C compiler alone: no
// node-gyp, no Python. Does nothing when they are up to date. Usage: node native/build.mjs, or buildNative().
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '..', 'build');
const warnings = ['-O2', '-Wall', '-Wextra', '-Werror', '-std=gnu11'];

/** Builds what is missing or stale. Gives true when something was built. Throws an Error that says what to install. */
export function buildNative() {
  const sources = filesIn(here, '.c');
  const helpers = findHelpers();
  const helperFiles = helpers.flatMap((one) => [...one.sources, ...one.headers]);
  const wanted = stampOf([
    ...sources,
    ...filesIn(here, '.h'),
    ...helperFiles,
    fileURLToPath(import.meta.url),
  ]);
  const stamp = join(out, 'native.stamp');
  const made = [join(out, 'runstate.node'), ...helpers.map(({ name }) => join(out, name))];
  if (made.every((file) => existsSync(file)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return false;
  }
  const compiler = findCompiler();
  const headers = findHeaders();
  mkdirSync(out, { recursive: true });
  const flags = [...warnings, '-fPIC', '-shared', '-pthread', '-DNAPI_VERSION=9', `-I${headers}`];
  compile(compiler, [...flags, ...sources], join(out, 'runstate.node'));
  for (const { name, sources: files } of helpers) {
    const program = join(out, name);
    mkdirSync(dirname(program), { recursive: true });
    // Static, so that it runs in a container that has another libc or none.
    if (!compile(compiler, [...warnings, '-static', ...files], program, true)) {
      compile(compiler, [...warnings, ...files], program);
    }
    // Also for the users of containers, whatever the umask is.
    chmodSync(program, 0o755);
  }
  writeFileSync(stamp, wanted);
  return true;
}

/** Programs that are found by a name in PATH. */
const namedOtherwise = { 'criu-tar': 'criu-tools/tar' };

/** Each file of helpers/ is a program, and so is each folder. */
function findHelpers() {
  const folder = join(here, 'helpers');
  const single = filesIn(folder, '.c').map((file) => ({
    name: basename(file, '.c'),
    sources: [file],
    headers: [],
  }));
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const several = folders.map(({ name }) => ({
    name,
    sources: filesIn(join(folder, name), '.c'),
    headers: filesIn(join(folder, name), '.h'),
  }));
  return [...single, ...several].map((one) => ({ ...one, name: namedOtherwise[one.name] ?? one.name }));
}

function filesIn(folder, extension) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => join(folder, name));
}

function stampOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(basename(file)).update('\0').update(readFileSync(file)).update('\0');
  return `${hash.digest('hex')} ${process.version} ${process.arch}\n`;
}

/** Written beside and renamed: whoever has the old one loaded, or builds at the same time, is not disturbed. */
function compile(compiler, args, target, mayFail = false) {
  const part = `${target}.${process.pid}`;
  const done = spawnSync(compiler, [...args, '-o', part], { encoding: 'utf8' });
  if (done.status === 0) {
    renameSync(part, target);
    return true;
  }
  rmSync(part, { force: true });
  if (mayFail) return false;
  throw new Error(
    `${compiler} failed (${done.error?.message ?? `status ${done.status}`}):\n${done.stderr ?? ''}`,
  );
}

function findCompiler() {
  for (const name of [process.env.CC, 'cc', 'gcc', 'clang']) {
    if (!name) continue;
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return name;
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  throw new Error('no C compiler was found; install one by: apt-get install gcc libc6-dev');
}

function findHeaders() {
  const places = [
    process.env.npm_config_nodedir && join(process.env.npm_config_nodedir, 'include', 'node'),
    join(dirname(process.execPath), '..', 'include', 'node'),
    '/usr/include/node',
  ].filter(Boolean);
  // Debian's own Node has libuv's headers in a package of their own.
  const hasUv = (place) => existsSync(join(place, 'uv.h')) || existsSync('/usr/include/uv.h');
  const found = places.find((place) => existsSync(join(place, 'node_api.h')) && hasUv(place));
  if (found) return found;
  throw new Error(
    `the headers of Node ${process.version} were not found in ${places.join(', ')}; ` +
      'the archives of nodejs.org and the nodejs package of NodeSource hold them; ' +
      "for Debian's own Node: apt-get install libnode-dev libuv1-dev; " +
      'or set npm_config_nodedir to a directory that holds include/node',
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(buildNative() ? 'native: built' : 'native: up to date');
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
