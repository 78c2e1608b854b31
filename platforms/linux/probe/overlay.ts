import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isError, messageOf } from '../../../errors/index.ts';
import { namespace } from '../../../native/index.ts';
import type { OverlayKind, ProbeCheck } from '../../platform.ts';
import { unmountAll } from '../namespaces/mounts.ts';
import { requireOverlay } from '../overlay/index.ts';

const name = 'overlay';

/** Whether containers can have layers of their own above a shared root, by making one in memory and one on disk. */
export function checkOverlay(): readonly ProbeCheck[] {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-overlay-'));
  try {
    const disk = failure(directory, 'disk');
    namespace.mount('runstate', directory, 'tmpfs', 0, 'size=1m,mode=0700');
    const memory = failure(directory, 'memory');
    return [
      ...(memory === undefined
        ? [{ name, verdict: 'ok' as const, detail: 'in memory: works' }]
        : [limited(memory, 'memory')]),
      ...(disk === undefined
        ? [{ name, verdict: 'ok' as const, detail: `on disk: works in ${tmpdir()}` }]
        : [limited(disk, 'disk')]),
    ];
  } finally {
    unmountAll(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}

function failure(directory: string, kind: OverlayKind): Error | undefined {
  try {
    requireOverlay(directory, kind);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

function limited(error: Error, kind: OverlayKind): ProbeCheck {
  const { why, remedy } = isError(error, 'OVERLAY') ? error.params : { why: error.message, remedy: '' };
  const detail = `no --overlay=${kind} here: ${why}`;
  return { name, verdict: 'limited', detail, ...(remedy === '' ? {} : { remedy }) };
}
