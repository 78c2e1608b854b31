import { overlayOf } from '../../../oci/index.ts';
import type { ContainerSpec } from '../../../oci/types.ts';
import type { CreateOptions, OverlayKind } from '../../platform.ts';

/** What a container's root file system is written to. */
export interface ChosenOverlay {
  readonly kind: OverlayKind;
  /** The most that a layer in memory may hold, in bytes; undefined: half of the machine's memory. */
  readonly size: number | undefined;
}

/**
 * What the client asks for, else the spec's annotations, else the supervisor's default. A layer in memory may hold half
 * of the container's limit of memory unless it is said: what it holds counts there, and whoever writes too much is to
 * be told by ENOSPC before being killed for want of memory.
 * @throws RunstateError SPEC for an annotation that is wrong
 */
export function chooseOverlay(
  { spec, options = {} }: { readonly spec: ContainerSpec; readonly options?: CreateOptions | undefined },
  byDefault: OverlayKind,
): ChosenOverlay {
  const asked = overlayOf(spec);
  const kind = options.overlay ?? asked.kind ?? byDefault;
  if (kind !== 'memory') return { kind, size: undefined };
  return { kind, size: options.overlaySize ?? asked.size ?? halfOf(spec.linux?.resources?.memory?.limit) };
}

const halfOf = (limit: number | bigint | undefined): number | undefined =>
  limit === undefined || limit <= 0 ? undefined : Math.max(Math.floor(Number(limit) / 2), 1);
