import type { ContainerContext } from '../../machines/container-setup.ts';
import type { ProcessContext } from '../../machines/process.ts';
import type { SandboxContext } from '../../machines/sandbox-setup.ts';

/**
 * What of a chart's context outlives its supervisor: not the requests under way, whose askers lose their connection with
 * it.
 */
export type KeptContainer = Pick<
  ContainerContext,
  'isRoot' | 'thenStart' | 'pausedAlone' | 'pausedBySandbox' | 'status' | 'oomKills'
>;
export type KeptSandbox = Pick<SandboxContext, 'rootEnded' | 'leaveRunning' | 'hold' | 'before'>;
export type KeptProcess = Pick<ProcessContext, 'status'>;

export const keptOfContainer = ({
  isRoot,
  thenStart,
  pausedAlone,
  pausedBySandbox,
  status,
  oomKills,
}: ContainerContext): KeptContainer => ({
  ...{ isRoot, thenStart, pausedAlone, pausedBySandbox, status, oomKills },
});

export const keptOfSandbox = ({ rootEnded, leaveRunning, hold, before }: SandboxContext): KeptSandbox => ({
  ...{ rootEnded, leaveRunning, hold, before },
});

export const keptOfProcess = ({ status }: ProcessContext): KeptProcess => ({ status });
