export { builtFile } from './binding.ts';
export { isSystemError, type SystemError } from './errno.ts';
export * as sockets from './sockets.ts';
export * as files from './files.ts';
export * as terminal from './terminal.ts';
export * as processes from './process.ts';
export * as namespace from './namespace.ts';
export { Watch, type WatchHandlers } from './poll.ts';
export { SharedWatch } from './readiness.ts';
