import type { ContainerImage, SandboxImage } from '../journal/index.ts';
import type { AdoptRequest } from '../../platforms/adoption.ts';

/** How a sandbox's chart goes on under a new supervisor. */
export type SandboxGoal = 'empty' | 'running' | 'paused' | 'checkpointed' | 'restored' | 'stopped';

/** What is to become of a sandbox whose supervisor has died, by what its journal says. */
export interface RecoveryPlan {
  /** `as its root`: created or running, as its root container turns out to be. */
  readonly goal: SandboxGoal | 'as its root' | 'destroyed';
  readonly adopt: AdoptRequest;
  /** Those that go on. The others are rolled back: whoever asked for them got no answer. */
  readonly containers: readonly ContainerImage[];
}

/**
 * Finishes what was under way where that cannot be undone (a destroy, the end of a checkpoint), and rolls back the
 * rest, as nobody was answered: by the state that the sandbox's chart was in.
 */
export function planRecovery(image: SandboxImage): RecoveryPlan {
  const goal = goalOf(image);
  const containers = goal === 'destroyed' ? [] : image.containers.filter(staysOn);
  const isFrozen = goal === 'paused' || goal === 'restored';
  const hasProcesses = goal !== 'destroyed' && goal !== 'checkpointed';
  const adopt = containers.filter(({ path }) => top(path) !== 'registered').map(toAdopt);
  return { goal, adopt: { isFrozen, containers: hasProcesses ? adopt : [] }, containers };
}

function goalOf({ sandbox }: SandboxImage): RecoveryPlan['goal'] {
  const state = top(sandbox?.path ?? 'registered');
  const before = sandbox?.context['before'];
  switch (state) {
    case 'empty':
      return 'empty';
    // Its root is there or not.
    case 'creating':
    case 'created':
    case 'starting':
      return 'as its root';
    case 'running':
    case 'pausing':
    case 'resuming':
    case 'ending':
      return 'running';
    case 'paused':
      return 'paused';
    case 'checkpointing':
      return before === 'paused' ? 'paused' : 'running';
    // The file is complete.
    case 'clearing':
    case 'checkpointed':
      return 'checkpointed';
    case 'restoring':
      // Until it is verified nothing was touched. What was being made from it goes.
      if (sandbox?.path !== 'restoring.staging') return 'destroyed';
      return before === 'created' ? 'as its root' : 'empty';
    case 'restored':
      return 'restored';
    case 'stopped':
      return 'stopped';
    // Nobody was told of one that was being opened; one that was being destroyed is, and one that could not be, again.
    default:
      return 'destroyed';
  }
}

const isAlone = (facts: unknown): boolean =>
  typeof facts === 'object' &&
  facts !== null &&
  'isRegisteredAlone' in facts &&
  facts.isRegisteredAlone === true;

const underWay: ReadonlySet<string> = new Set([
  'creating',
  'restoring',
  'destroying',
  'leaking',
  'destroyed',
]);

function staysOn({ path, context, facts }: ContainerImage): boolean {
  // Most are registered on the way to be made; some are all that somebody asked for so far.
  if (top(path) === 'registered') return isAlone(facts);
  // A root that waited when a restore began still waits, unless the sandbox is given up.
  const isWaitingRoot = top(path) === 'restoring' && context['isRoot'] === true;
  return isWaitingRoot || !underWay.has(top(path));
}

function toAdopt({ cid, path, context, processes }: ContainerImage): AdoptRequest['containers'][number] {
  return {
    cid,
    isRoot: context['isRoot'] === true,
    // One that was being resumed goes on.
    isFrozen: context['pausedAlone'] === true && top(path) !== 'resuming',
    processes: [...processes].flatMap(([pid, { path }]) => (path === 'running' ? [pid] : [])),
  };
}

export const top = (path: string): string => path.split('.', 1)[0] ?? '';
