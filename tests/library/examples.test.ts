/** What the README shows, and the example that it names, run as they are written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { program, real, withPlace } from './support.ts';

const project = join(import.meta.dirname, '../../..');

/** The README's programs that use the library. */
const snippets = [...readFileSync(join(project, 'README.md'), 'utf8').matchAll(/^```js\n([^]*?)^```$/gm)]
  .map(([, source]) => source ?? '')
  .filter((source) => source.includes("from 'runstate'"));

real('the program in the README', (t) =>
  withPlace(t, 'readme', async ({ root }) => {
    t.is(snippets.length, 1);
    const running = program(snippets[0] ?? '', { RUNSTATE_ROOT: root });
    t.is(await running.line(), 'hello from runstate (exit code 3)');
    t.is(await running.ended, 0);
  }),
);

real('examples/hello.mjs', (t) =>
  withPlace(t, 'example', async ({ root }) => {
    const source = readFileSync(join(project, 'examples/hello.mjs'), 'utf8');
    const running = program(source, { RUNSTATE_ROOT: root });
    t.is(await running.line(), 'hello from runstate (exit code 3)');
    let text = '';
    for (let line = ''; !line.startsWith('its processes'); text += `${line}\n`) line = await running.line();
    t.is(await running.ended, 0);
    t.deepEqual([...text.matchAll(/\b[123]\b/g)].map(String), ['1', '2', '3']);
    t.regex(text, /^it ended: \{ kind: 'exited', code: 0 \}$/m);
    t.regex(text, /^it is paused$/m);
    t.regex(text, /^its processes: .*init/m);
  }),
);
