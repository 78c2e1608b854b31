import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { winstonLogger } from '../../log/winston-logger.ts';
import { until } from '../support/waiting.ts';

test('a log with a limit keeps the last of it, in two files at most', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'rs-log-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'log');
  const limit = 20_000;
  const log = winstonLogger({ level: 'info', format: 'json', file, limit });
  for (let number = 1; number <= 1000; number++) {
    log.info('a line', { number, filler: 'x'.repeat(100) });
    // As a supervisor logs: now and then.
    if (number % 20 === 0) await new Promise(setImmediate);
  }
  await until(
    () => readdirSync(directory).includes('log') && readFileSync(file, 'utf8').includes('"number":1000'),
    'the last line is not there',
  );
  const names = readdirSync(directory);
  t.true(names.length <= 2, String(names));
  const kept = names.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  // How far it goes beyond depends on how much comes while a new file is begun; all of it is five times as much.
  t.true(kept < 4 * limit, `${kept} bytes`);
});

test('what is logged is its owner’s alone, whatever the umask', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'rs-log-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'log');
  const umask = process.umask(0);
  try {
    winstonLogger({ level: 'info', format: 'text', file }).info('a line');
    await until(() => readdirSync(directory).includes('log') && statSync(file).size > 0, 'there is no log');
  } finally {
    process.umask(umask);
  }
  t.is(statSync(file).mode & 0o777, 0o600);
});
