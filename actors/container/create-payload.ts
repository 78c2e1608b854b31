import type { CreateRequest } from '../../platforms/platform.ts';
import type { Files } from '../files.ts';

/** What a container is made from; the port keeps it beside the request, out of the chart. */
export interface CreatePayload {
  readonly request: Omit<CreateRequest, 'cid' | 'isRoot' | 'files' | 'rootDirectory'>;
  readonly files: Files;
  readonly correlation: string;
}
