import type { Disturbance } from './disturbance.ts';
import type { Points } from './campaign.ts';
import { withStopped, type Model } from './model.ts';
import type { Place } from './place.ts';
import { sub, type Step } from './steps.ts';

/** Of a process that was told to, at each point, each time that a life passes it. */
export function supervisorDies(points: Points): readonly Disturbance[] {
  return everyTime(points).map((at) => ({
    ...{ kind: 'the supervisor dies', name: `kill@${at}`, fault: `kill@${at}` },
  }));
}

/** A life is disturbed at these, so that there is something of each kind to be taken over. */
const first = ['runtime.create#2', 'exec.kept#2', 'freeze.whole#1', 'save.dumped#1', 'destroy.killed#1'];

/** The one that takes over dies as well, at each point that it passes. @param points of a recovery */
export function successorDies(points: Points): readonly Disturbance[] {
  return first.flatMap((at) =>
    everyTime(points).map((second) => ({
      kind: 'its successor, too',
      name: `kill@${at},kill@${second}`,
      fault: `kill@${at}`,
      second: `kill@${second}`,
    })),
  );
}

const errors = ['ENOSPC', 'ENOMEM', 'EMFILE', 'EACCES'];

/** A call of the operating system fails, at each point beside one. */
export function callFails(points: Points): readonly Disturbance[] {
  const at = everyTime(new Map([...points].filter(([, { mayFail }]) => mayFail)));
  return at.map((one, i) => {
    const fault = `${errors[i % errors.length] ?? ''}@${one}`;
    return { kind: 'a system call fails', name: fault, fault, accepts: orHalfDestroyed };
  });
}

/** What was not wholly destroyed is shown as stopped, until another destroy. */
const orHalfDestroyed = (model: Model, place: Place, step: Step): readonly Model[] => {
  const cid = step.name === 'destroy the sub-container' ? sub : place.id;
  if (!step.name.startsWith('destroy')) return [model];
  return [model, withStopped(model, cid, cid === place.id), {}];
};

const everyTime = (points: Points): readonly string[] =>
  [...points].flatMap(([name, { count }]) => Array.from({ length: count }, (_none, i) => `${name}#${i + 1}`));
