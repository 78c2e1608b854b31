/** The charts alone: pure, without I/O. What is invoked in them rejects until it is provided (see actors/). */
export { connectionMachine } from './connection.ts';
export { containerMachine } from './container.ts';
export type { ContainerContext, ContainerEvent, OperationKind, WorkInput } from './container-setup.ts';
export { processMachine, type ProcessContext, type ProcessEvent } from './process.ts';
export { publicState, topState, type PublicState } from './public-state.ts';
export type { Emitted, Failure, FailureReason, Reply, RequestId, Trouble } from './replies.ts';
export { sandboxMachine } from './sandbox.ts';
export type { Admission, SandboxContext, SandboxEvent, SandboxWorkInput } from './sandbox-setup.ts';
