/** What the page asks its server. All of it lies below the page's own address, which holds the secret. */
import type { InspectedActor } from '../../transport/methods/inspect-types.ts';
import { isObservation } from '../../observation/export-file.ts';
import type { ActorKind, Observation } from '../../observation/types.ts';

export interface About {
  readonly runstate: string;
  readonly source: 'live' | 'file';
  readonly allowControl: boolean;
  /** The sandbox to show first; "" for any. */
  readonly first: string;
}

export interface ListedSandbox {
  readonly id: string;
  /** "" of one that does not answer. */
  readonly state: string;
}

export interface ChosenActor {
  readonly kind: ActorKind;
  readonly id: string;
}

export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  readonly time: string;
  readonly stime: string;
  readonly cmd: string;
}

export interface Stats {
  readonly cpu: { readonly usage: { readonly total: number } };
  readonly memory: { readonly usage: { readonly usage?: number } };
  readonly pids: { readonly current?: number };
}

const sandbox = (id: string, view: string, query: Readonly<Record<string, string>> = {}): string =>
  `sandbox/${encodeURIComponent(id)}/${view}?${new URLSearchParams(query).toString()}`;

/** @throws Error with what the server says */
async function get(path: string, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(path, signal === undefined ? {} : { signal });
  if (!response.ok) throw new Error(await response.text());
  return response;
}

/** The server is of the same release: what it sends is what is declared. */
const json = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await (await get(path, signal)).json()) as T;

export const readAbout = (): Promise<About> => json('about');
export const readSandboxes = (): Promise<readonly ListedSandbox[]> => json('sandboxes');
export const readPicture = async (name: string): Promise<string> => (await get(`charts/${name}.svg`)).text();

/** Null where there is only a file. */
export const readActor = (
  id: string,
  { kind, id: actor }: ChosenActor,
  signal: AbortSignal,
): Promise<InspectedActor | null> => json(sandbox(id, 'actor', { kind, id: actor }), signal);

export const readStacks = async (id: string): Promise<string> => (await get(sandbox(id, 'stacks'))).text();
export const readProcesses = (id: string, cid: string): Promise<readonly ProcessRow[]> =>
  json(sandbox(id, 'processes', { cid }));
export const readStats = (id: string, cid: string): Promise<Stats> => json(sandbox(id, 'stats', { cid }));
export const readCpuProfile = async (id: string, seconds: number): Promise<Blob> =>
  (await get(sandbox(id, 'cpu-profile', { seconds: String(seconds) }))).blob();

export interface Change {
  readonly action: string;
  readonly cid: string;
  readonly signal?: number;
  readonly level?: string;
}

/** @throws Error with what the server says */
export async function askFor(id: string, change: Change): Promise<void> {
  const response = await fetch(sandbox(id, 'control'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
  if (!response.ok) throw new Error(await response.text());
}

export interface Follower {
  /** Some at a time; those of a connection that was made anew begin with what was told before. */
  observations(some: readonly Observation[], isAnew: boolean): void;
  /** What was told could not be taken. */
  failed(error: unknown): void;
  /** Nothing more will come: why. */
  ended(why: string): void;
  /** Whether the server is there. */
  connected(is: boolean): void;
}

/** Follows a sandbox until what is returned is called. The browser connects again by itself when it was cut off. */
export function follow(id: string, follower: Follower): () => void {
  const events = new EventSource(sandbox(id, 'events'));
  let isAnew = false;
  events.onopen = () => {
    isAnew = true;
    follower.connected(true);
  };
  events.onerror = () => follower.connected(false);
  events.addEventListener('observations', ({ data }: MessageEvent<string>) => {
    try {
      const lines = data.split('\n').filter((line) => line !== '');
      follower.observations(lines.map((line): unknown => JSON.parse(line)).filter(isObservation), isAnew);
      isAnew = false;
    } catch (error) {
      follower.failed(error);
    }
  });
  events.addEventListener('end', ({ data }: MessageEvent<string>) => {
    events.close();
    follower.ended(data);
  });
  return () => events.close();
}
