import { files } from './files.ts';
import { identity } from './identity.ts';
import { ipc } from './ipc.ts';
import { memory } from './memory.ts';
import { processes } from './processes.ts';
import { signals } from './signals.ts';
import { sockets } from './sockets.ts';
import { time } from './time.ts';
import { waiting } from './waiting.ts';

/** System calls that every container may make with any arguments, on whatever machine knows them. */
export const allowedAlways: readonly string[] = [
  ...files,
  ...identity,
  ...ipc,
  ...memory,
  ...processes,
  ...signals,
  ...sockets,
  ...time,
  ...waiting,
];
