import { RunstateError } from '../../errors/index.ts';
import type { Logger } from '../../log/logger.ts';
import type { AdoptedSandbox } from '../../platforms/adoption.ts';
import type { Platform, PlatformListener } from '../../platforms/platform.ts';
import type { SandboxImage } from '../journal/index.ts';
import { HeldListener } from './held-listener.ts';
import { planRecovery, type RecoveryPlan } from './plan.ts';
import { recover, type RecoveredSandbox } from './recovered.ts';

export interface Adopted {
  readonly plan: RecoveryPlan;
  readonly recovered: RecoveredSandbox;
  readonly platform: AdoptedSandbox['sandbox'];
  /** Has what happens by itself told, from now on and since. */
  readonly tellTo: (listener: PlatformListener) => void;
}

export interface AdoptParts {
  readonly platform: Platform;
  /** The platform's own of the sandbox. */
  readonly directory: string;
  readonly log: Logger;
}

/**
 * Plans by a sandbox's journal what becomes of it, has the platform take over what there is, and corrects what was
 * believed by that.
 * @throws RunstateError NOT_SUPPORTED, and as Platform.adoptSandbox
 */
export async function adopt(
  image: SandboxImage,
  { platform, directory, log }: AdoptParts,
  signal: AbortSignal,
): Promise<Adopted> {
  const plan = planRecovery(image);
  if (platform.adoptSandbox === undefined)
    throw new RunstateError('NOT_SUPPORTED', {
      what: `taking over sandbox ${JSON.stringify(image.id)}`,
      why: `the containers of platform ${platform.name} end with their supervisor`,
    });
  const held = new HeldListener();
  const { id } = image;
  const adopted = await platform.adoptSandbox({ id, directory }, plan.adopt, held, signal);
  const recovered = recover(image, plan, adopted.containers);
  log.info('a sandbox was taken over', {
    sandbox: id,
    state: plan.goal === 'destroyed' ? 'to be destroyed' : recovered.state,
    containers: recovered.containers.map(({ cid, state }) => `${cid}: ${state}`),
  });
  return { plan, recovered, platform: adopted.sandbox, tellTo: (listener) => held.release(listener) };
}
