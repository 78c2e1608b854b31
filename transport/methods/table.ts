/**
 * Every control method: the one place that says which there are. To add one: its types in types.ts, its entry in
 * the file of its family (or a new one, spread here), its handler in transport/control/.
 */
import { checkpoint } from './checkpoint.ts';
import { debug } from './debug.ts';
import { later } from './later.ts';
import { lifecycle } from './lifecycle.ts';
import type { MethodFamily } from './method.ts';
import { network } from './network.ts';
import { observe } from './observe.ts';
import { processes } from './processes.ts';
import { profile } from './profile.ts';
import { resources } from './resources.ts';
import { runstate } from './runstate.ts';
import { stats } from './stats.ts';
import { supervisor } from './supervisor.ts';
import type { MethodName } from './types.ts';

export const methods: MethodFamily<MethodName> = {
  ...lifecycle,
  ...processes,
  ...checkpoint,
  ...network,
  ...stats,
  ...debug,
  ...profile,
  ...resources,
  ...later,
  ...runstate,
  ...observe,
  ...supervisor,
};

/** Names are matched exactly, as in the original. */
export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}
