export { criuCommand, type CriuCommand } from './criu-command.ts';
export { criuFailure } from './criu-failure.ts';
export { findCriu, requireCriu } from './find-criu.ts';
export { removeYard } from './left-behind.ts';
export { tellingLines } from './telling-lines.ts';
export { tryCriu } from './try-criu.ts';
export { forgetOutsideFiles } from './outside-files.ts';
export { forgetClocks } from './time-namespaces.ts';
