export { containerIndex, sandboxOfContainer, sweepIndex } from './container-index.ts';
export { sandboxFiles, type SandboxFiles } from './layout.ts';
export { makeRoot } from './make-root.ts';
export { isEmpty, listSandboxes, removeSandboxDirectory, takeSandboxDirectory } from './sandbox-directory.ts';
export { giveUpSandbox, takeOverSandbox } from './take-over.ts';
export { readSupervisorFile, type SupervisorInfo } from './supervisor-file.ts';
