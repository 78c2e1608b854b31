// The inspector's page: one script and one style for browsers, and the drawn charts that it lights up.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fingerprint, readIfThere, writeStamp } from './stamp.mjs';

export const page = {
  name: "inspector's page",
  pending(root) {
    if (!existsSync(sourceOf(root))) return undefined;
    const made = existsSync(join(targetOf(root), 'page.js'));
    return made && readIfThere(stampOf(root)) === wanted(root) ? undefined : 'putting it together';
  },
  async perform(root) {
    const stamp = wanted(root);
    const [source, target] = [sourceOf(root), targetOf(root)];
    rmSync(target, { recursive: true, force: true });
    mkdirSync(join(target, 'charts'), { recursive: true });
    const { build } = createRequire(join(root, 'package.json'))('esbuild');
    const { outputFiles } = await build({
      entryPoints: [join(source, 'main.tsx')],
      bundle: true,
      minify: true,
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      write: false,
      logLevel: 'silent',
    });
    const [{ text }] = outputFiles;
    writeFileSync(join(target, 'page.js'), text);
    for (const name of ['index.html', 'icon.svg']) copyFileSync(join(source, name), join(target, name));
    let chartStyle = '';
    for (const name of readdirSync(join(root, 'diagrams')).filter((one) => one.endsWith('.svg'))) {
      const picture = readFileSync(join(root, 'diagrams', name), 'utf8');
      // All have the same; the page lets in no style that is not in its own file.
      chartStyle = inner.exec(picture)?.[1] ?? '';
      writeFileSync(join(target, 'charts', name), picture.replace(inner, ''));
    }
    const style = readFileSync(join(source, 'page.css'), 'utf8');
    writeFileSync(join(target, 'page.css'), `.picture {\n${chartStyle}\n}\n${style}`);
    writeStamp(stampOf(root), stamp);
    return `${Math.round(text.length / 1024)} KiB`;
  },
};

const sourceOf = (root) => join(root, 'inspector', 'page');
const targetOf = (root) => join(root, 'build', 'page');
const stampOf = (root) => join(root, 'build', 'setup', 'page.stamp');
const inner = /<style>(.*)<\/style>/;

const wanted = (root) =>
  fingerprint(
    ...['inspector/page', 'observation', 'diagrams'].flatMap((folder) =>
      readdirSync(join(root, folder))
        .filter((name) => /\.(tsx?|css|html|svg)$/.test(name))
        .map((name) => {
          const { mtimeMs, size } = statSync(join(root, folder, name));
          return `${folder}/${name} ${mtimeMs} ${size}`;
        }),
    ),
    readIfThere(join(root, 'package-lock.json')) ?? '',
    readFileSync(new URL(import.meta.url), 'utf8'),
  );
