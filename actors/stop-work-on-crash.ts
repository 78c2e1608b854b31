import type { AnyActorRef, AnyStateMachine } from 'xstate';

/**
 * xstate leaves the invoked work of a machine that throws running; this stops it (its AbortSignal is aborted)
 * before the error travels up. Changes the machine that it is given, and returns it.
 */
export function stopWorkOnCrash<M extends AnyStateMachine>(machine: M): M {
  const transition = machine.transition.bind(machine);
  machine.transition = (snapshot, event, scope) => {
    const stopAll = () => {
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- any machine's snapshot is of any type
      const children: Record<string, AnyActorRef | undefined> = snapshot.children;
      for (const child of Object.values(children)) if (child !== undefined) scope.stopChild(child);
    };
    try {
      return failing(transition(snapshot, event, scope), stopAll);
    } catch (error) {
      stopAll();
      throw error;
    }
  };
  return machine;
}

function failing<S>(snapshot: S, stopAll: () => void): S {
  if (
    typeof snapshot === 'object' &&
    snapshot !== null &&
    'status' in snapshot &&
    snapshot.status === 'error'
  )
    stopAll();
  return snapshot;
}
