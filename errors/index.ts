export { catalogue, type ErrorCode, type ErrorParams } from './catalogue.ts';
export { RunstateError, isError, isRunstateError, messageOf } from './runstate-error.ts';
