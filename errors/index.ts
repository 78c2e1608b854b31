export { catalogue, type ErrorCode, type ErrorParams } from './catalogue.ts';
export { RunstateError, isError, messageOf } from './runstate-error.ts';
