/** The methods of a supervisor of many sandboxes, on a socket of its own. */
import { boolean, int, int32, list, string, struct } from '../decode/index.ts';
import { nothing } from './common.ts';
import type { MethodFamily } from './method.ts';
import type { SandboxState } from './types.ts';

const sandboxState = struct<SandboxState>({ ID: string, Chart: string, PID: int32, Containers: int });

export const supervisor: MethodFamily<'supervisor.Boot' | 'supervisor.List' | 'supervisor.Shutdown'> = {
  'supervisor.Boot': {
    about: 'Boots a sandbox.',
    arg: struct<{ readonly ID: string }>({ ID: string }),
    result: sandboxState,
  },
  'supervisor.List': { about: 'Lists the sandboxes.', arg: nothing, result: list(sandboxState) },
  'supervisor.Shutdown': {
    about: 'Ends the supervisor, and its sandboxes where asked.',
    arg: struct<{ readonly Destroy: boolean }>({ Destroy: boolean }),
    result: nothing,
  },
};
