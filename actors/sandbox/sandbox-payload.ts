import type { CheckpointJob } from '../checkpoint/checkpoint-job.ts';
import type { RestoreJob } from '../checkpoint/restore-job.ts';
import type { CreatePayload } from '../container/create-payload.ts';

/** What a request to a sandbox brings along; the port keeps it beside the request, out of the chart. */
export interface SandboxPayload {
  readonly create?: CreatePayload;
  readonly checkpoint?: CheckpointJob;
  readonly restore?: RestoreJob;
}
