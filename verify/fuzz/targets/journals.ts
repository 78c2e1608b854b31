import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  imageOf,
  journalVersion,
  pastOf,
  scanJournal,
  type JournalRecord,
} from '../../../actors/journal/index.ts';
import { encodeLine } from '../../../actors/journal/line.ts';
import { planRecovery } from '../../../actors/recovery/plan.ts';
import { recover } from '../../../actors/recovery/recovered.ts';
import { refusable } from '../refusals.ts';
import type { Target } from '../target.ts';

const at = 1_700_000_000_000;
const chart = (
  kind: 'sandbox' | 'container',
  path: string,
  context: Readonly<Record<string, unknown>>,
): JournalRecord => ({
  ...{ type: 'chart', at, kind, id: 's', path, context },
});
const records: readonly JournalRecord[] = [
  {
    type: 'begin',
    at,
    version: journalVersion,
    sandbox: 's',
    supervisor: { pid: 1 },
    host: { init: 'none' },
  },
  chart('sandbox', 'running', { before: 'running', hold: false }),
  chart('container', 'pausing.draining', { isRoot: true, pausedAlone: true, oomKills: 1 }),
  {
    type: 'chart',
    at,
    kind: 'process',
    id: 's',
    pid: 7,
    path: 'ended',
    context: { status: { kind: 'exited', code: 1 } },
  },
  { type: 'observed', what: { type: 'step', at, phase: 'began', number: 1, name: 'freeze', id: '' } },
  { type: 'forgotten', at, id: 'other' },
];

/** A journal, as whoever takes over reads it: by checksums that fit, and by ones that do not. */
export const journals: Target = {
  name: 'journal',
  seeds: () => {
    const lines = records.map(encodeLine).join('');
    const plain = records.map((record) => JSON.stringify(record)).join('\n');
    return Promise.resolve([Buffer.from(lines), Buffer.from(`plain\n${plain}`)]);
  },
  open: () => {
    const directory = mkdtempSync(join(tmpdir(), 'runstate-fuzz-'));
    return Promise.resolve({
      read: (input) => read(join(directory, 'journal'), input),
      close: () => {
        rmSync(directory, { recursive: true, force: true });
        return Promise.resolve();
      },
    });
  },
};

/** A mutated line has another checksum: so that more than checksums is tried, lines may come without. */
function read(file: string, input: Buffer): void {
  writeFileSync(file, input.toString('latin1').startsWith('plain\n') ? withChecksums(input) : input);
  const scanned = refusable(() => scanJournal(file));
  if (scanned === undefined) return;
  pastOf(scanned.records);
  if (scanned.damage !== undefined) return;
  const image = imageOf(scanned.records);
  const plan = planRecovery(image);
  recover(image, plan, []);
}

function withChecksums(input: Buffer): string {
  const [, ...lines] = input.toString('utf8').split('\n');
  return lines
    .map((line) => {
      try {
        // Of any shape: it is for the reader to say that it is none.
        return encodeLine(JSON.parse(line) as JournalRecord);
      } catch {
        return `${line}\n`;
      }
    })
    .join('');
}
