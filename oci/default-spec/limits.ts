import { RunstateError } from '../../errors/index.ts';
import type { Resources } from '../types.ts';
import type { DefaultSpecOptions } from './options.ts';
import { parseSize } from './size.ts';

/** With less not even a runtime's own init starts; Docker has the same floor. */
const leastMemory = 6 << 20;

/** Microseconds: the kernel's default period of the processor's bandwidth control. */
const period = 100_000;

/** The kernel takes no quota under 1 ms. */
const leastCpus = 0.01;

/** Few machines have so many, and a number of seconds in the wrong place is told apart from it. */
const mostCpus = 4096;

/** The kernel's own maximum of pids, PID_MAX_LIMIT. */
const mostPids = 4_194_304;

/**
 * The resources of a container: 512 MiB without swap, one processor, 512 processes, unless the options say otherwise.
 * Enough for a build of a small project, and little enough that a fork bomb or a leak is over soon. No devices but those
 * that a runtime always gives (null, zero, full, random, urandom, tty and the terminal).
 * @throws RunstateError INVALID_ARGUMENT, which names the option
 */
export function resourcesFor(options: DefaultSpecOptions, swapLimit: boolean): Resources {
  return {
    devices: [{ allow: false, access: 'rwm' }],
    ...memoryFor(options, swapLimit),
    ...cpuFor(options.cpus ?? 1),
    ...pidsFor(options.pids ?? 512),
  };
}

function memoryFor(
  { memory = '512m', swap = 0 }: DefaultSpecOptions,
  swapLimit: boolean,
): Pick<Resources, 'memory'> {
  if (memory === false) return {};
  const limit = parseSize(memory, 'memory');
  if (limit < leastMemory) throw invalid(`memory: ${limit} bytes are too few, the least is ${leastMemory}`);
  // The specification's "swap" is memory and swap together; -1 is no limit.
  const both = swap === false ? -1 : limit + parseSize(swap, 'swap');
  return { memory: swapLimit ? { limit, swap: both } : { limit } };
}

function cpuFor(cpus: number | false): Pick<Resources, 'cpu'> {
  if (cpus === false) return {};
  if (!(cpus >= leastCpus && cpus <= mostCpus)) {
    throw invalid(`cpus: ${cpus} is not from ${leastCpus} to ${mostCpus}`);
  }
  return { cpu: { quota: Math.round(cpus * period), period } };
}

function pidsFor(pids: number | false): Pick<Resources, 'pids'> {
  if (pids === false) return {};
  if (!Number.isInteger(pids) || pids < 1 || pids > mostPids) {
    throw invalid(`pids: ${pids} is not a whole number from 1 to ${mostPids}`);
  }
  return { pids: { limit: pids } };
}

function invalid(what: string): RunstateError<'INVALID_ARGUMENT'> {
  return new RunstateError('INVALID_ARGUMENT', { what });
}
