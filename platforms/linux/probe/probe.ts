import { messageOf } from '../../../errors/index.ts';
import type { PlatformReport, ProbeCheck } from '../../platform.ts';
import { checkCgroups } from './cgroups.ts';
import { checkCriu } from './criu.ts';
import { checkKernel } from './kernel.ts';
import { checkLinks } from './links.ts';
import { checkNamespaces } from './namespaces.ts';
import { checkOverlay } from './overlay.ts';
import { checkPrivileges } from './privileges.ts';
import { checkRuntime } from './runtime.ts';
import { checkTracing } from './tracing.ts';
import { checkAddon } from './addon.ts';

/** One thing that is looked at. It may throw: that is a finding too. */
export type Check = () => Promise<readonly ProbeCheck[]> | readonly ProbeCheck[];

/** What this machine can do, what is missing, and how to get it. Never rejects. */
export async function probe(runtime: string): Promise<PlatformReport> {
  const checks: readonly (readonly [string, Check])[] = [
    ['privileges', checkPrivileges],
    ['kernel', checkKernel],
    ['addon', checkAddon],
    ['runtime', () => checkRuntime(runtime)],
    ['cgroups', checkCgroups],
    ['namespaces', checkNamespaces],
    ['links', checkLinks],
    ['overlay', checkOverlay],
    ['criu', checkCriu],
    ['strace', checkTracing],
  ];
  const found = await Promise.all(checks.map(([name, check]) => run(name, check)));
  return { platform: 'linux', checks: found.flat() };
}

async function run(name: string, check: Check): Promise<readonly ProbeCheck[]> {
  try {
    return await check();
  } catch (error) {
    return [{ name, verdict: 'missing', detail: messageOf(error) }];
  }
}
