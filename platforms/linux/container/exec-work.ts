import type { ProcessSpec } from '../../../oci/types.ts';
import type { ExecRequest, ProcessFiles } from '../../platform.ts';
import type { LinuxContainer } from './linux-container.ts';

/** What the ways to start another process in a container have in common. */
export interface ExecWork {
  readonly container: LinuxContainer;
  readonly request: ExecRequest;
  readonly pids: () => Promise<readonly number[]>;
  /** The beginning of the names of its files. */
  readonly name: string;
  /** Has the runtime start that in place of the request's. @throws as Runtime.run */
  readonly run: (process: ProcessSpec, files: ProcessFiles) => Promise<void>;
}

/** Where the runtime writes the pid of what it starts, in the host's numbering. */
export const execPidFile = ({ name }: ExecWork): string => `${name}.pid`;
