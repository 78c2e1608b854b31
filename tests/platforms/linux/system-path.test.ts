/** The system's tools are found before those that npm puts first. */
import { delimiter } from 'node:path';
import test from 'ava';
import { systemPath } from '../../../platforms/linux/system-path.ts';

test("npm's programs are no tools of the system", (t) => {
  const found = systemPath('/p/node_modules/.bin:/opt/own/bin:/usr/sbin').split(delimiter);
  t.false(found.some((folder) => folder.includes('node_modules')));
  t.is(found.at(-1), '/opt/own/bin');
  t.is(found.filter((folder) => folder === '/usr/sbin').length, 1);
});

test('root without sbin in its PATH finds what lies there', (t) => {
  t.true(systemPath('/usr/bin:/bin').split(delimiter).includes('/usr/sbin'));
});
