import * as v from 'valibot';
import { RunstateError } from '../../errors/index.ts';
import { checkId, parseSpec } from '../../oci/index.ts';
import type { ContainerSpec } from '../../oci/types.ts';
import type { ExitStatus } from '../../platforms/exit-status.ts';
import type { CreateOptions } from '../../platforms/platform.ts';

/** What a statefile tells of a sandbox beside the platform's files. */
export interface Manifest {
  /** Its id when it was saved. */
  readonly sandbox: string;
  /** In the order of their registration, so the root first. */
  readonly containers: readonly ManifestContainer[];
}

export interface ManifestContainer {
  readonly cid: string;
  /** The public state that it was saved in, and comes back to. */
  readonly state: 'creating' | 'created' | 'running' | 'paused' | 'stopped';
  /** It was frozen alone, not only with its sandbox. */
  readonly pausedAlone: boolean;
  /** How its init ended; only of one that was stopped. */
  readonly status?: ExitStatus | undefined;
  /** What it was made from; of one that was created, running or paused. */
  readonly made?: MadeFrom | undefined;
}

export interface MadeFrom {
  readonly bundle: string;
  readonly spec: ContainerSpec;
  readonly options: CreateOptions;
  /** Exec'd processes that were saved with it, by their pids in the container's own numbering. */
  readonly processes: readonly number[];
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const status = v.variant('kind', [
  v.object({ kind: v.literal('exited'), code: count }),
  v.object({ kind: v.literal('signaled'), signal: count, coreDumped: v.boolean() }),
  v.object({ kind: v.literal('unknown'), why: v.string() }),
]);

/** Those that this release does not know were not its own to keep. */
const options = v.object({
  noPivot: v.optional(v.boolean()),
  noNewKeyring: v.optional(v.boolean()),
  init: v.optional(v.picklist(['runstate', 'none'])),
  overlay: v.optional(v.picklist(['memory', 'disk', 'none'])),
  overlaySize: v.optional(v.pipe(count, v.minValue(1))),
});

const manifest = v.object({
  sandbox: v.string(),
  containers: v.pipe(
    v.array(
      v.object({
        cid: v.string(),
        state: v.picklist(['creating', 'created', 'running', 'paused', 'stopped']),
        pausedAlone: v.boolean(),
        status: v.optional(status),
        made: v.optional(
          v.object({
            bundle: v.string(),
            spec: v.record(v.string(), v.unknown()),
            options,
            processes: v.array(v.pipe(count, v.minValue(1))),
          }),
        ),
      }),
    ),
    v.minLength(1),
  ),
});

/**
 * Checks what a statefile brought: it may come from anybody.
 * @throws RunstateError STATEFILE_DAMAGED naming the place, SPEC, INVALID_ID
 */
export function parseManifest(value: unknown): Manifest {
  const result = v.safeParse(manifest, value);
  if (!result.success) {
    const [issue] = result.issues;
    throw damaged(`${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
  }
  const { sandbox, containers } = result.output;
  checkId(sandbox);
  if (containers[0]?.cid !== sandbox) throw damaged('the root container does not come first');
  if (new Set(containers.map(({ cid }) => cid)).size !== containers.length)
    throw damaged('two containers have the same id');
  return { sandbox, containers: containers.map(checkedContainer) };
}

type Raw = v.InferOutput<typeof manifest>['containers'][number];

function checkedContainer({ made, ...container }: Raw): ManifestContainer {
  checkId(container.cid);
  const isMade = container.state !== 'creating' && container.state !== 'stopped';
  if (isMade && made === undefined) throw damaged(`container ${container.cid} has no spec`);
  if (container.state === 'stopped' && container.status === undefined)
    throw damaged(`container ${container.cid} is stopped without a status`);
  if (made === undefined) return container;
  return { ...container, made: { ...made, spec: parseSpec(made.spec, `container ${container.cid}`) } };
}

const damaged = (where: string): RunstateError =>
  new RunstateError('STATEFILE_DAMAGED', { where: `manifest: ${where}` });
