import type { ControlClient, InspectedActor } from '../../transport/client/index.ts';
import { errorCodeOf, type RunstateError } from '../../transport/client/index.ts';
import type { Command } from './commands.ts';

/** In ms: what is under way is over by then. */
const patience = 10_000;

/** A chart that is not there is undefined. */
export async function lookAt(
  client: ControlClient,
  kind: 'sandbox' | 'container',
  id: string,
): Promise<InspectedActor | undefined> {
  try {
    return await client.call('runstate.Inspect', { Kind: kind, ID: id });
  } catch (error) {
    if (errorCodeOf(error) === 'CONTAINER_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Waits until no chart of the sandbox is on its way to another state; then none may show another state than the platform.
 * @throws Error that names the chart
 */
export async function settled(
  client: ControlClient,
  sandbox: string,
  cids: readonly string[],
): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    const charts = [
      await lookAt(client, 'sandbox', sandbox),
      ...(await Promise.all(cids.map((cid) => lookAt(client, 'container', cid)))),
    ].filter((one) => one !== undefined);
    // A state that may not last is on its way; a sandbox without a root container is not.
    const busy = charts.filter(({ Deadline, State }) => Deadline > 0 && State !== 'empty');
    const wrong = charts.flatMap(({ ID, Differences }) => Differences.map((text) => `${ID}: ${text}`));
    if (busy.length === 0 && wrong.length === 0) return;
    if (performance.now() > deadline) {
      const stuck = busy.map(({ ID, Kind, State }) => `${Kind} ${ID} stays ${State}`);
      throw new Error([...stuck, ...wrong].join('; '));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What the charts say that a command will be refused with; undefined when none refuses it. */
export async function predicted(
  client: ControlClient,
  sandbox: string,
  { name, cid, asks }: Command,
): Promise<string | undefined> {
  const container = await lookAt(client, 'container', cid);
  if (name === 'create' && container !== undefined) {
    const whole = refusalOf(await lookAt(client, 'sandbox', sandbox), 'container.create');
    return whole ?? `container ${JSON.stringify(cid)} already exists`;
  }
  for (const { kind, event } of asks) {
    const chart = kind === 'sandbox' ? await lookAt(client, 'sandbox', sandbox) : container;
    if (chart === undefined) return `container ${JSON.stringify(cid)} does not exist`;
    const refusal = refusalOf(chart, event);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refusalOf(chart: InspectedActor | undefined, event: string): string | undefined {
  const found = chart?.Events.find((one) => one.Event === event);
  if (found === undefined) throw new Error(`a ${chart?.Kind ?? 'chart'} tells nothing of ${event}`);
  return found.Refusal === '' ? undefined : found.Refusal;
}

/** What a client may hear when others ask at the same time, or a container ends meanwhile. */
const expected: ReadonlySet<unknown> = new Set([
  ...['WRONG_STATE', 'CONTAINER_NOT_FOUND', 'CONTAINER_EXISTS', 'CONTAINER_NOT_STARTED', 'ACTOR_GONE'],
  ...['SIGNAL_FAILED', 'OPERATION_FAILED', 'CANCELLED', 'PROCESS_NOT_FOUND'],
]);

/** @throws the error, when it is none of those */
export function mayHappen(error: unknown): void {
  if (!expected.has(errorCodeOf(error))) throw error;
}

export type Refused = RunstateError;
