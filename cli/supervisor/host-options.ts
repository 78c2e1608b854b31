import { readHost } from '../../actors/journal/index.ts';
import { sandboxFiles } from '../../actors/run-directory/index.ts';
import { isError } from '../../errors/index.ts';
import type { InitKind, OverlayKind } from '../../platforms/platform.ts';
import type { Context } from '../context.ts';

/** How a supervisor hosts its sandboxes: kept in their journals, so that one that takes over does it likewise. */
export interface HostOptions {
  readonly runtime?: string | undefined;
  readonly init?: InitKind | undefined;
  readonly overlay?: OverlayKind | undefined;
  readonly compat?: 'runsc' | undefined;
}

/** What was said on the command line. */
export const hostOptions = (
  { runtime, compat }: Pick<Context, 'runtime' | 'compat'>,
  { init, overlay }: Pick<HostOptions, 'init' | 'overlay'>,
): HostOptions => ({ ...{ runtime, init, overlay, compat } });

/**
 * What is said now, and what is not as the supervisor before had it.
 * @throws RunstateError SYSTEM, JOURNAL_DAMAGED
 */
export function recoveredHost(root: string, id: string, said: HostOptions): HostOptions {
  const before = hostBefore(root, id);
  const kept: Partial<Record<string, unknown>> =
    typeof before === 'object' && before !== null ? { ...before } : {};
  const { runtime, init, overlay, compat } = kept;
  return {
    runtime: said.runtime ?? (typeof runtime === 'string' ? runtime : undefined),
    init: said.init ?? (init === 'runstate' || init === 'none' ? init : undefined),
    overlay:
      said.overlay ??
      (overlay === 'memory' || overlay === 'disk' || overlay === 'none' ? overlay : undefined),
    compat: said.compat ?? (compat === 'runsc' ? compat : undefined),
  };
}

/** Of a sandbox that nobody was told of nothing is known. */
function hostBefore(root: string, id: string): unknown {
  try {
    return readHost(sandboxFiles(root, id).journal);
  } catch (error) {
    if (isError(error, 'JOURNAL_MISSING')) return undefined;
    throw error;
  }
}

/** Without those that nobody has said. */
export function platformOptions({ runtime, init, overlay }: HostOptions): {
  readonly runtime?: string;
  readonly init?: InitKind;
  readonly overlay?: OverlayKind;
} {
  return {
    ...(runtime === undefined ? {} : { runtime }),
    ...(init === undefined ? {} : { init }),
    ...(overlay === undefined ? {} : { overlay }),
  };
}
