import type { Target } from '../target.ts';
import { journals } from './journals.ts';
import { messages } from './messages.ts';
import { server } from './server.ts';
import { specs } from './specs.ts';
import { statefiles } from './statefiles.ts';
import { toolLogs } from './tool-logs.ts';

/** All that comes from outside. */
export const targets: readonly Target[] = [messages, server, specs, statefiles, journals, toolLogs];
