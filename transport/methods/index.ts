export type * from './types.ts';
export type * from './checkpoint-types.ts';
export type * from './debug-types.ts';
export type * from './inspect-types.ts';
export type * from '../../observation/types.ts';
export type * from './network-types.ts';
export type { Method, MethodFamily } from './method.ts';
export { isMethodName, methods } from './table.ts';
