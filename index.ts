/**
 * runstate as a library: sandboxes of real containers, each with a supervisor in the background that outlives this
 * program. See README.md for an example, and runstate/client for the control protocol alone. What a sandbox refuses comes
 * as a RemoteError; `errorCodeOf` gives the code of any error that is thrown, e.g. COMMAND_NOT_FOUND.
 */
export { RunstateError } from './errors/index.ts';
export { RemoteError, errorCodeOf } from './transport/client/index.ts';
export { Sandbox } from './library/sandbox.ts';
export type {
  ContainerOptions,
  ForkOptions,
  Limits,
  RestoreSandboxOptions,
  RunOptions,
  SandboxOptions,
} from './library/sandbox-options.ts';
export type { CheckpointOptions } from './library/checkpoint.ts';
export type { RestoreOptions } from './library/restore.ts';
export { Container, type ExecOptions } from './library/container.ts';
export { Process } from './library/process.ts';
export type { Output } from './library/output.ts';
export type { Stdio, StdioOptions } from './library/stdio.ts';
export type { ProcessChoices } from './library/process-spec.ts';
export { toExitCode, type ExitStatus } from './platforms/exit-status.ts';
export type { ContainerState, WireProcess, WireStats } from './transport/client/index.ts';
