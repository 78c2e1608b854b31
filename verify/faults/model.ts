/** What a client has been told of a sandbox, and what there really is of it, in the same form. */

export interface Known {
  readonly state: 'created' | 'running' | 'paused' | 'stopped';
  /** The exec'd processes that live, by their pids in the container. */
  readonly execs: readonly number[];
  /** Of its init, in the host's numbering: it is to stay the same process. */
  readonly hostPid: number;
}

/** Undefined: there is no sandbox. */
export type Model = Readonly<Record<string, Known>> | undefined;

export function withContainer(model: Model, cid: string, known: Known | undefined): Model {
  const others = Object.entries(model ?? {}).filter(([name]) => name !== cid);
  return Object.fromEntries(known === undefined ? others : [...others, [cid, known]]);
}

/** With some of what is known of each container changed. */
export function mapContainers(model: Model, change: (known: Known, cid: string) => Known): Model {
  return Object.fromEntries(Object.entries(model ?? {}).map(([cid, known]) => [cid, change(known, cid)]));
}

/** With a container that has ended, or with all. */
export function withStopped(model: Model, cid: string, all: boolean): Model {
  if (model?.[cid] === undefined) return model;
  const hasEnded = (name: string): boolean => all || name === cid;
  return mapContainers(model, (one, name) =>
    hasEnded(name) ? { ...one, state: 'stopped', execs: [] } : one,
  );
}

/** A pid that nobody was told of. */
export const anyPid = -1;

/** What of `actual` is not as `expected` has it; undefined when all is. */
export function difference(expected: Model, actual: Model): string | undefined {
  if ((expected === undefined) !== (actual === undefined))
    return `the sandbox ${actual === undefined ? 'is gone' : 'is there'}`;
  const names = new Set([...Object.keys(expected ?? {}), ...Object.keys(actual ?? {})]);
  for (const cid of names) {
    const [wanted, found] = [expected?.[cid], actual?.[cid]];
    if (wanted !== undefined && found !== undefined && isSame(wanted, found)) continue;
    const [told, seen] = [wanted, found].map((one) =>
      one === undefined ? 'not there' : JSON.stringify(one),
    );
    return `container ${cid} is ${seen ?? ''}, and should be ${told ?? ''}`;
  }
  return undefined;
}

function isSame(wanted: Known, found: Known): boolean {
  if (wanted.state !== found.state) return false;
  if (wanted.state === 'stopped') return true;
  const isSameInit = wanted.hostPid === anyPid || wanted.hostPid === found.hostPid;
  const known = wanted.execs.filter((pid) => pid !== anyPid);
  const areThere = known.every((pid) => found.execs.includes(pid));
  return isSameInit && areThere && wanted.execs.length === found.execs.length;
}
