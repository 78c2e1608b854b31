import { pointsOfLife, pointsOfRecovery } from './campaign.ts';
import type { Disturbance } from './disturbance.ts';
import { noDescriptors, noSpace } from './nothing-left-to-use.ts';
import { callFails, successorDies, supervisorDies } from './supervisor-dies.ts';
import { initDies, initDiesMeanwhile, toolDies } from './tool-dies.ts';

/** All that is tried, by the points that a life passes here. @throws Error when a life without a fault does not go well */
export async function allDisturbances(rootfs: string): Promise<readonly Disturbance[]> {
  const points = await pointsOfLife(rootfs);
  return [
    ...supervisorDies(points),
    ...successorDies(await pointsOfRecovery(rootfs)),
    ...callFails(points),
    ...toolDies,
    ...initDies,
    ...initDiesMeanwhile,
    ...noSpace,
    ...noDescriptors,
  ];
}
