import type { Model } from './model.ts';
import type { Place } from './place.ts';
import type { Step } from './steps.ts';

/** Something that goes wrong in a sandbox's life. */
export interface Disturbance {
  /** As the table has it. */
  readonly kind: string;
  /** By which it can be chosen, and had again. */
  readonly name: string;
  /** Of the first supervisor, as RUNSTATE_FAULT has it. */
  readonly fault?: string;
  /** Likewise, of the one that takes over from it. */
  readonly second?: string;
  /** The step that is disturbed, where that is not for the fault to say. */
  readonly step?: string;
  /** Its run directory is a file system of its own, of so many bytes. */
  readonly room?: number;
  /** Just before the step is begun. Gives what ends it, when the step has been answered or not. */
  readonly begin?: (place: Place, model: Model) => () => Promise<void>;
  /** When nobody hosts the sandbox any more. Gives what ends it. */
  readonly meanwhile?: (place: Place, model: Model) => () => Promise<void>;
  /** What there may be after it, by what there might be without; as that when absent. */
  readonly accepts?: (model: Model, place: Place, step: Step) => readonly Model[];
  /** A container may end a little later by it. */
  readonly mayEnd?: boolean;
}

/** The steps that a disturbance of one can be tried in. */
export type Disturb = (step: Step) => readonly Disturbance[];
