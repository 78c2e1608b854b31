import type { ChosenActor } from './api.ts';

/** The container that a chosen chart is of: of the sandbox its root; of a process the one that it runs in. */
export function containerOf(chosen: ChosenActor | undefined): string {
  if (chosen === undefined) return '';
  return chosen.kind === 'process' ? chosen.id.slice(0, chosen.id.lastIndexOf('/')) : chosen.id;
}
