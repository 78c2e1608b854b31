/** The file that an inspection is exported to. */
import test from 'ava';
import { exportVersion, readExport, writeExport } from '../../observation/export-file.ts';
import { moved, snapshot } from './support.ts';

const header = {
  ...({ format: 'runstate-inspection', version: exportVersion } as const),
  ...{ runstate: '0.1.0', sandbox: 'web', at: 5 },
};

test('what was written is read again', (t) => {
  const file = { header, observations: [snapshot, moved('sandbox', 'web', 'running', 'pausing')] };
  const text = writeExport(file);
  t.is(text.split('\n').length, 4);
  t.deepEqual(readExport(text), JSON.parse(JSON.stringify(file)));
});

for (const [what, text, message] of [
  ['nothing', '', 'line 1 is no JSON'],
  ['a picture', '\x89PNG\r\n', 'line 1 is no JSON'],
  ['other JSON', '{"format":"something"}', 'its first line is not that of an inspection'],
  [
    'another version',
    JSON.stringify({ ...header, version: 2 }),
    'it has version 2, and this runstate reads version 1',
  ],
  ['half a line', `${JSON.stringify(header)}\n{"type":"no`, 'line 2 is no JSON'],
  [
    'a line of another kind',
    `${JSON.stringify(header)}\n{"type":"wish","at":1}`,
    'line 2 is no observation: type: Invalid type: Expected ("snapshot" | "transition" | "call" | "step" | "alarm" | "note" | "dropped") but received "wish"',
  ],
  [
    'a transition without its edges',
    `${JSON.stringify(header)}\n{"type":"transition","at":1,"kind":"sandbox","id":"s","from":"","to":"x","path":"x"}`,
    'line 2 is no observation: edges: Invalid key: Expected "edges" but received undefined',
  ],
] as const)
  test(`it says what is wrong with ${what}`, (t) => {
    t.is(t.throws(() => readExport(text)).message, message);
  });
