// The TypeScript sources, into dist/.
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, readIfThere, writeStamp } from './stamp.mjs';
import { runTool } from './tool.mjs';

export const compile = {
  name: 'TypeScript',
  pending(root) {
    const sources = sourcesOf(root);
    if (sources.some((file) => !existsSync(outputOf(root, file)))) return `compiling ${sources.length} files`;
    if (readIfThere(stampOf(root)) !== wanted(root, sources)) return 'compiling what has changed';
    return undefined;
  },
  perform(root) {
    // Taken before the compiler reads: what is changed meanwhile is compiled by the next set-up.
    const sources = sourcesOf(root);
    const stamp = wanted(root, sources);
    // The compiler's memory of what it made outlives the files that it made.
    if (sources.some((file) => !existsSync(outputOf(root, file)))) {
      rmSync(join(root, 'dist', '.tsbuildinfo'), { force: true });
    }
    runTool(
      process.execPath,
      [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json'],
      {
        cwd: root,
        telling: /error TS/,
      },
    );
    const removed = removeOrphans(root, new Set(sources));
    writeStamp(stampOf(root), stamp);
    return `${sources.length} files${removed === 0 ? '' : `, ${removed} left-over outputs removed`}`;
  },
};

const stampOf = (root) => join(root, 'build', 'setup', 'typescript.stamp');
const outputOf = (root, source) => join(root, 'dist', source.replace(/\.ts$/, '.js'));

/** Sources by their paths from the root; what tsconfig.json includes. */
function sourcesOf(root) {
  return walk(root, '', (name) => name.endsWith('.ts') && !name.endsWith('.d.ts')).sort();
}

function wanted(root, sources) {
  const seen = sources.map((file) => {
    const { mtimeMs, size } = statSync(join(root, file));
    return `${file} ${mtimeMs} ${size}`;
  });
  const compiler = readIfThere(join(root, 'node_modules', 'typescript', 'package.json')) ?? '';
  return fingerprint(readFileSync(join(root, 'tsconfig.json')), compiler, ...seen);
}

/** A test whose source was deleted would still be run: outputs without a source go. */
function removeOrphans(root, sources) {
  const outputs = walk(join(root, 'dist'), '', (name) => /\.(js|js\.map|d\.ts)$/.test(name));
  const orphans = outputs.filter((file) => !sources.has(file.replace(/\.(js|js\.map|d\.ts)$/, '.ts')));
  for (const file of orphans) rmSync(join(root, 'dist', file));
  return orphans.length;
}

function walk(top, folder, takes) {
  return readdirSync(join(top, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) return takes(entry.name) ? [path] : [];
    const isOther = ['node_modules', 'dist', 'build', 'inspector/page'].includes(path);
    const ours = !entry.name.startsWith('.') && !isOther;
    return entry.isDirectory() && ours ? walk(top, path, takes) : [];
  });
}
