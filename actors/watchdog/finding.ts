import type { Alarm } from '../../observation/types.ts';

/** Something that a look has found, of which an alarm is made when the next look finds it still. */
export interface Finding extends Omit<Alarm, 'number'> {
  /** The same in each look that finds it, and of nothing else of the sandbox. */
  readonly key: string;
}

/** As people name a call to the platform. */
export const callText = ({ name, id }: { readonly name: string; readonly id: string }): string =>
  id === '' ? name : `${name} of container ${JSON.stringify(id)}`;
