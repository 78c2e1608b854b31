// The command line as one file, and V8's code of it: what bin/runstate.cjs runs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint, readIfThere, writeStamp } from './stamp.mjs';

export const bundle = {
  name: 'command line',
  pending(root) {
    if (!existsSync(entryOf(root))) return undefined;
    const made = existsSync(fileOf(root)) && existsSync(`${fileOf(root)}.cache`);
    return made && readIfThere(stampOf(root)) === wanted(root) ? undefined : 'putting it into one file';
  },
  async perform(root) {
    const stamp = wanted(root);
    const { build } = createRequire(join(root, 'package.json'))('esbuild');
    const { outputFiles } = await build({
      entryPoints: [entryOf(root)],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      write: false,
      logLevel: 'silent',
      plugins: [placesOf(root)],
      banner: { js: `(function (require, module, exports, __filename, __dirname) {${placeOf}` },
      footer: { js: '})' },
    });
    const [{ text }] = outputFiles;
    const file = fileOf(root);
    mkdirSync(dirname(file), { recursive: true });
    // V8 tells by the length alone whether the code is that of the source: an old one must never meet a new source.
    rmSync(`${file}.cache`, { force: true });
    replace(file, text);
    makeCode(file);
    writeStamp(stampOf(root), stamp);
    return `${Math.round(text.length / 1024)} KiB`;
  },
};

const entryOf = (root) => join(root, 'dist', 'cli', 'main.js');
const fileOf = (root) => join(root, 'dist', 'bundle', 'runstate.cjs');
const stampOf = (root) => join(root, 'build', 'setup', 'bundle.stamp');

/** What was compiled, and what it uses. */
const wanted = (root) =>
  fingerprint(
    process.version,
    readIfThere(join(root, 'build', 'setup', 'typescript.stamp')) ?? '',
    readIfThere(join(root, 'package-lock.json')) ?? '',
    readFileSync(new URL(import.meta.url), 'utf8'),
  );

/** Modules find the package's other files from where they are: that stays so. */
const placeOf =
  "const __place = (path) => require('node:url').pathToFileURL(require('node:path').join(__dirname, '..', path)).href;";

const placesOf = (root) => ({
  name: 'places',
  setup({ onLoad }) {
    const dist = join(root, 'dist');
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      if (!path.startsWith(dist)) return undefined;
      const own = JSON.stringify(relative(dist, path));
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', `__place(${own})`) };
    });
  },
});

/** By a command that most others have much in common with, which finds nothing and does nothing. */
function makeCode(file) {
  const script = fileURLToPath(new URL('bundle-code.cjs', import.meta.url));
  const part = `${file}.cache.${process.pid}`;
  const command = ['--root', join(dirname(file), 'none'), 'state', 'none'];
  spawnSync(process.execPath, [script, file, part, ...command], { stdio: 'ignore', timeout: 60_000 });
  renameSync(part, `${file}.cache`);
}

function replace(file, data) {
  writeFileSync(`${file}.${process.pid}`, data);
  renameSync(`${file}.${process.pid}`, file);
}
