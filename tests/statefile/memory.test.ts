/** Memory is bounded, however large the statefile: in a process of its own, whose peak can be told. */
import { spawnSync } from 'node:child_process';
import test from 'ava';

const program = `
import { spawn } from 'node:child_process';
import { openSync, rmSync, mkdtempSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
const [statefile, compression, size] = process.argv.slice(1);
const { StatefileWriter, stageStatefile } = await import(statefile);
const directory = mkdtempSync(join(tmpdir(), 'rs-statefile-'));
const peak = () => process.resourceUsage().maxRSS / 1024;
async function* data() {
  const piece = Buffer.alloc(1 << 20);
  for (let done = 0; done < Number(size); done++) { piece.writeDoubleLE(Math.random(), 8 * (done % 1000)); yield piece; }
}
const fields = { metadata: {}, manifest: {}, platform: 'linux' };
try {
  const before = peak();
  const fd = openSync(join(directory, 'file'), 'w+');
  const writer = await StatefileWriter.open(fd, fields, { compression });
  await writer.addEntry('large', data());
  await writer.finish();
  const written = peak();
  await import('node:fs').then((fs) => fs.mkdirSync(join(directory, 'to')));
  await stageStatefile(fd, join(directory, 'to'));
  closeSync(fd);
  console.log(JSON.stringify({ written: written - before, staged: peak() - before }));
} finally {
  rmSync(directory, { recursive: true });
}`;

for (const compression of ['none', 'gzip'])
  test.serial(`300 MiB take no more than a few, ${compression}`, (t) => {
    const statefile = new URL('../../statefile/index.js', import.meta.url).href;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', program, statefile, compression, '300'],
      { encoding: 'utf8' },
    );
    t.is(stderr, '');
    t.log(stdout.trim());
    const found: unknown = JSON.parse(stdout);
    const peak = (what: string): number =>
      typeof found === 'object' && found !== null ? Number(Reflect.get(found, what)) : NaN;
    // What is buffered is some MiB; the rest is what Node's collector has not taken back yet.
    t.true(peak('written') < 120, `${peak('written')} MiB`);
    t.true(peak('staged') < 160, `${peak('staged')} MiB`);
  });
