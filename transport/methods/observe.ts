/** Watching a sandbox. */
import { RunstateError } from '../../errors/index.ts';
import { boolean, int, list, oneOf, optional, string, struct } from '../decode/index.ts';
import { nothing } from './common.ts';
import type { InspectArgs, InspectedActor, ObserveArgs } from './inspect-types.ts';
import type { MethodFamily } from './method.ts';

const kind = oneOf('sandbox', 'container', 'process');

export const observe: MethodFamily<'runstate.Observe' | 'runstate.Inspect' | 'runstate.Note'> = {
  'runstate.Observe': {
    about:
      'Tells what happens, as lines of JSON, until the sandbox is gone or nobody reads; files: where to, a pipe or a socket.',
    arg: struct<ObserveArgs>({ History: boolean }),
    result: nothing,
    files: { least: 1, most: 1 },
    check: (_, files) => {
      if (files === 0) throw new RunstateError('FILES', { what: 'no output file provided' });
    },
    waits: true,
  },
  'runstate.Inspect': {
    again: true,
    about:
      'Looks at one chart: where it stands, what it would take, who waits for it, and what the platform shows.',
    arg: struct<InspectArgs>({ Kind: kind, ID: string }),
    result: struct<InspectedActor>({
      ...{ Kind: kind, ID: string, State: string, Path: string, Public: string, Since: int, Deadline: int },
      Events: list(struct<{ Event: string; Refusal: string }>({ Event: string, Refusal: string })),
      Pending: list(
        struct<{ ID: string; Verb: string; Since: number }>({ ID: string, Verb: string, Since: int }),
      ),
      Observed: optional(
        struct<{ Init: 'there' | 'gone'; Frozen: boolean; Processes: number }>({
          ...{ Init: oneOf('there', 'gone'), Frozen: boolean, Processes: int },
        }),
      ),
      Differences: list(string),
    }),
  },
  'runstate.Note': {
    about: 'Has all who watch the sandbox see a text among what happens.',
    arg: struct<{ readonly Text: string }>({ Text: string }),
    result: nothing,
  },
};
