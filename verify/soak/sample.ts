import { readdirSync } from 'node:fs';
import { takeCensus } from '../census.ts';
import type { Probed } from './probe.ts';
import type { Subject } from './subject.ts';

/** What a supervisor uses while it hosts no sandbox. */
export interface Sample extends Probed {
  /** Sandboxes that it has had so far. */
  readonly lives: number;
  readonly descriptors: number;
  /** Below it. */
  readonly processes: number;
  readonly mounts: number;
  /** That it, or a process below it, is in. */
  readonly namespaces: number;
  /** In its run directory. */
  readonly files: number;
}

/** @param lives so far @throws Error when the supervisor does not answer */
export async function takeSample(subject: Subject, lives: number): Promise<Sample> {
  const probed = await subject.probed();
  const { pid, root } = subject;
  // What a sandbox leaves by its name is looked for at its end.
  const { descriptors, processes, mounts, namespaces } = takeCensus(pid, 'none', root);
  const files = readdirSync(root, { recursive: true }).length;
  return { ...probed, lives, descriptors, processes, mounts, namespaces, files };
}

/** Of those the second, when what is on its way has gone: the kernel removes namespaces, and a server its connections, a moment later. */
export async function settledSample(subject: Subject, lives: number, wanted?: Sample): Promise<Sample> {
  const deadline = performance.now() + patience;
  for (;;) {
    const found = await takeSample(subject, lives);
    if (wanted === undefined || atRest.every((key) => found[key] <= wanted[key])) return found;
    if (performance.now() > deadline) return found;
  }
}

/** In ms. */
const patience = 5000;

/** What there is to be none of beyond what there was after the first life. */
export const atRest = ['processes', 'mounts', 'namespaces', 'files'] as const;
