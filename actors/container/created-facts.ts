/** What was learned when the container was created, for its state document. */
export interface CreatedFacts {
  readonly bundle: string;
  readonly ociVersion: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** 0 where the platform has no such thing. */
  readonly hostPid: number;
}

export const noFacts: CreatedFacts = { bundle: '', ociVersion: '1.0.2', annotations: {}, hostPid: 0 };

/** From a journal, which may be of another release: what is not there is as of one that was not created. */
export function readFacts(value: unknown): CreatedFacts {
  const facts: Partial<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? { ...value } : {};
  const { bundle, ociVersion, annotations, hostPid } = facts;
  return {
    bundle: typeof bundle === 'string' ? bundle : noFacts.bundle,
    ociVersion: typeof ociVersion === 'string' ? ociVersion : noFacts.ociVersion,
    annotations: textsIn(annotations),
    hostPid: typeof hostPid === 'number' ? hostPid : 0,
  };
}

/** When it was registered; undefined when that is not told. */
export function readRegisteredAt(value: unknown): Date | undefined {
  if (typeof value !== 'object' || value === null || !('registeredAt' in value)) return undefined;
  return typeof value.registeredAt === 'number' ? new Date(value.registeredAt) : undefined;
}

function textsIn(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  const texts: [string, string][] = [];
  for (const [key, text] of Object.entries(value)) if (typeof text === 'string') texts.push([key, text]);
  return Object.fromEntries(texts);
}
