import { RunstateError } from '../../errors/index.ts';
import type { ExportFile } from '../../observation/export-file.ts';
import type { Source } from './source.ts';

/** A sandbox as an export tells it, wherever that was made. */
export function fileSource({ header, observations }: ExportFile): Source {
  const lines = observations.map((one) => `${JSON.stringify(one)}\n`).join('');
  const last = observations.findLast((one) => one.type === 'transition' && one.kind === 'sandbox');
  const state = last?.type === 'transition' ? last.to : '';
  const notLive = (what: string): RunstateError =>
    new RunstateError('NOT_SUPPORTED', { what, why: 'this is a file, not a sandbox' });
  return {
    kind: 'file',
    sandboxes: () => Promise.resolve([{ id: header.sandbox, state }]),
    follow: async (id, _signal, onLines) => {
      if (id !== header.sandbox) throw new RunstateError('SANDBOX_NOT_FOUND', { id });
      await onLines(lines);
    },
    inspect: () => Promise.resolve(undefined),
    views: () => Promise.resolve(undefined),
    ask: () => Promise.reject(notLive('asking for a change')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
