/** Watching a sandbox. */
import { RunstateError } from '../../errors/index.ts';
import { nothing } from './common.ts';
import type { MethodFamily } from './method.ts';

export const observe: MethodFamily<'runstate.Observe'> = {
  'runstate.Observe': {
    about:
      'Tells what happens, as lines of JSON, until the sandbox is gone or nobody reads; files: where to, a pipe or a socket.',
    arg: nothing,
    result: nothing,
    files: { least: 1, most: 1 },
    check: (_, files) => {
      if (files === 0) throw new RunstateError('FILES', { what: 'no output file provided' });
    },
    waits: true,
  },
};
