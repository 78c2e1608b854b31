import type { Call } from '../call.ts';
import { until } from '../port/until.ts';
import type { SandboxSystem } from '../sandbox/sandbox-system.ts';

/**
 * Resolves with the number of out-of-memory kills that the container has seen, once it is more than `seen`; with
 * undefined when the container has ended without another one.
 * @throws RunstateError CONTAINER_NOT_FOUND; what `call.signal` was aborted with
 */
export async function waitOom(
  system: SandboxSystem,
  cid: string,
  seen: number,
  call: Call,
): Promise<number | undefined> {
  const record = system.container(cid);
  const kills = () => record.port.snapshot?.context.oomKills ?? 0;
  await until(record.port, () => kills() > seen || record.port.hasTag('ended'), call.signal);
  return kills() > seen ? kills() : undefined;
}
