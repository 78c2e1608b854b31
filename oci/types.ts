/**
 * The parts of the OCI runtime specification's config.json that runstate itself reads or makes. Whatever else a
 * spec holds is carried to the runtime untouched.
 */
export interface ContainerSpec {
  readonly ociVersion: string;
  readonly process?: ProcessSpec;
  readonly root?: { readonly path: string; readonly readonly?: boolean };
  readonly hostname?: string;
  readonly mounts?: readonly Mount[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly hooks?: unknown;
  readonly linux?: LinuxSpec;
  readonly [more: string]: unknown;
}

export interface ProcessSpec {
  readonly terminal?: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user?: User;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly cwd: string;
  readonly capabilities?: Capabilities;
  readonly rlimits?: readonly {
    readonly type: string;
    readonly hard: number | bigint;
    readonly soft: number | bigint;
  }[];
  readonly noNewPrivileges?: boolean;
  readonly [more: string]: unknown;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly umask?: number;
  readonly additionalGids?: readonly number[];
}

/** Sets of capability names (`CAP_KILL`). */
export interface Capabilities {
  readonly bounding?: readonly string[];
  readonly effective?: readonly string[];
  readonly permitted?: readonly string[];
  readonly inheritable?: readonly string[];
  readonly ambient?: readonly string[];
}

export interface Mount {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options?: readonly string[];
}

export interface Namespace {
  readonly type: string;
  readonly path?: string;
}

export interface LinuxSpec {
  readonly namespaces?: readonly Namespace[];
  readonly cgroupsPath?: string;
  readonly resources?: Resources;
  readonly seccomp?: unknown;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly [more: string]: unknown;
}

export interface Resources {
  readonly memory?: {
    readonly limit?: number | bigint;
    readonly swap?: number | bigint;
    readonly [more: string]: unknown;
  };
  readonly cpu?: {
    readonly quota?: number | bigint;
    readonly period?: number | bigint;
    readonly shares?: number | bigint;
    readonly [more: string]: unknown;
  };
  readonly pids?: { readonly limit: number | bigint };
  readonly devices?: readonly unknown[];
  readonly [more: string]: unknown;
}

/** config-linux.md, Seccomp. */
export interface Seccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly syscalls?: readonly SeccompRule[];
}

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: string;
  }[];
}

/** The state document of the runtime specification (`state` operation). */
export interface OciState {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: 'creating' | 'created' | 'running' | 'paused' | 'stopped';
  /** 0 when there is no process. */
  readonly pid: number;
  readonly bundle: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
