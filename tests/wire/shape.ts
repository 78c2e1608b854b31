/** The shape of a JSON value: which keys and which types it has, at every depth. */

export interface ShapeDifference {
  /** Recorded, and not there or of another type here: `data.pids: object, not null`. */
  readonly lacks: readonly string[];
  /** Here, and not in the recorded value. */
  readonly adds: readonly string[];
}

/** Compares two JSON texts. Of arrays every element must be as the recorded one's first. */
export function compareShapes(recorded: string, ours: string): ShapeDifference {
  const lacks: string[] = [];
  const adds: string[] = [];
  const compare = (want: unknown, have: unknown, path: string): void => {
    if (typeOf(want) !== typeOf(have)) {
      lacks.push(`${path}: ${typeOf(want)}, not ${typeOf(have)}`);
    } else if (Array.isArray(want) && Array.isArray(have)) {
      if (want.length > 0 && have.length === 0) lacks.push(`${path}: it is empty`);
      for (const one of have) compare(want[0], one, `${path}[]`);
    } else if (isObject(want) && isObject(have)) {
      for (const [name, value] of Object.entries(want))
        if (Object.hasOwn(have, name)) compare(value, have[name], join(path, name));
        else lacks.push(`${join(path, name)}: missing`);
      for (const name of Object.keys(have)) if (!Object.hasOwn(want, name)) adds.push(join(path, name));
    }
  };
  compare(JSON.parse(recorded), JSON.parse(ours), '');
  return { lacks, adds };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
