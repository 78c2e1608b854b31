import { RunstateError } from '../../errors/index.ts';
import { words } from './words.ts';

export interface SeccompArchitecture {
  /** The machine's own and those whose programs it also runs, by libseccomp's names. */
  readonly names: readonly string[];
  /** System calls that only these have. */
  readonly calls: readonly string[];
}

const architectures: Readonly<Record<string, SeccompArchitecture>> = {
  x64: {
    // Not x32, which kernels have switched off unless asked: the filter is made a third faster without.
    names: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    calls: words('arch_prctl modify_ldt'),
  },
  arm64: {
    names: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
    calls: words('arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2'),
  },
};

/**
 * What a seccomp profile needs to know of a machine. `arch` is as Node names it (`process.arch`).
 * @throws RunstateError NOT_SUPPORTED for one that the profile was not written for
 */
export function seccompArchitecture(arch: string): SeccompArchitecture {
  const found = Object.hasOwn(architectures, arch) ? architectures[arch] : undefined;
  if (found !== undefined) return found;
  throw new RunstateError('NOT_SUPPORTED', {
    what: 'the default seccomp profile',
    why: `it is for ${Object.keys(architectures).join(' and ')}, and this machine is ${arch}`,
  });
}
