/** The layers of ARCHITECTURE.md: a folder imports only what stands below it. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'ava';

const root = join(import.meta.dirname, '../../..');

/** As the document has them, the uppermost first. */
function layers(): readonly string[] {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const block = /## Layers\n\n```\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  return block
    .split('\n')
    .flatMap((line) => /^([a-z]+)\/(?:, ([a-z]+)\/)? /.exec(line)?.slice(1, 3) ?? [])
    .filter(Boolean);
}

function* imports(): Generator<readonly [from: string, to: string]> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.tsx?$/.test(name) && !/^(node_modules|dist|build|tests|bench)\//.test(name),
  );
  for (const file of files)
    for (const [, target = ''] of readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']*)'/g))
      yield [file, normalize(join(dirname(file), target))];
}

const folderOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : '');

test('a folder imports only what stands below it', (t) => {
  const order = layers();
  t.true(order.length >= 14, order.join(' '));
  const wrong = [...imports()].flatMap(([from, to]) => {
    const [upper, lower] = [folderOf(from), folderOf(to)];
    if (upper === '' || lower === '' || upper === lower) return [];
    const [a, b] = [order.indexOf(upper), order.indexOf(lower)];
    if (a < 0) return [`${upper}/ is not in the document`];
    return b > a ? [] : [`${from} imports ${to}`];
  });
  t.deepEqual([...new Set(wrong)], []);
});

test('the charts import nothing but xstate', (t) => {
  const machines = readdirSync(join(root, 'machines'));
  for (const file of machines)
    for (const [, target = ''] of readFileSync(join(root, 'machines', file), 'utf8').matchAll(
      /from '([^']*)'/g,
    ))
      t.regex(target, /^(xstate|\.\/[\w-]+\.ts)$/, file);
});
