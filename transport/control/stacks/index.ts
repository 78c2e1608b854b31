import type { SandboxSystem } from '../../../actors/sandbox/sandbox-system.ts';
import type { ProcessStacks } from '../../../platforms/inspection.ts';
import type { ServerView } from '../server-view.ts';
import { actorTree } from './actor-tree.ts';
import { currentAlarms } from './alarms.ts';
import { callsUnderWay } from './calls.ts';
import { kernelStacks } from './kernel-stacks.ts';
import { supervisorReport } from './supervisor.ts';

/** All that stands and waits in a sandbox and its supervisor, for people. No environment and no arguments are shown. */
export function stacksText(
  system: SandboxSystem,
  view: ServerView,
  containers: readonly (readonly [string, readonly ProcessStacks[]])[],
): string {
  const now = Date.now();
  return [
    ...actorTree(system, now),
    '',
    ...callsUnderWay(view, now),
    '',
    ...currentAlarms(system.alarms.current, now),
    '',
    ...supervisorReport(),
    ...containers.flatMap(([cid, processes]) => ['', ...kernelStacks(cid, processes)]),
    '',
  ].join('\n');
}
