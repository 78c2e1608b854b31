import type { SandboxCgroups } from '../cgroups/index.ts';
import type { ContainerSet } from '../container/container-set.ts';
import type { CriuCommand } from '../criu/index.ts';
import type { Runtime } from '../runc/runtime.ts';

/** What of a sandbox a checkpoint or restore works with. */
export interface CheckpointParts {
  /** The sandbox's id, so the root container's. */
  readonly root: string;
  readonly containers: ContainerSet;
  readonly runtime: Runtime;
  readonly cgroups: SandboxCgroups;
  /** The pin of the sandbox's network namespace. */
  readonly network: string;
  readonly criu: CriuCommand;
}
