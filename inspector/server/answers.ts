import type { IncomingMessage } from 'node:http';
import { RunstateError, type ErrorCode } from '../../errors/index.ts';
import { encode } from '../../transport/codec/index.ts';
import { errorCodeOf, type InspectArgs, type InspectedActor } from '../../transport/client/index.ts';
import { packageVersion } from '../../version.ts';
import { readControlRequest } from './control-request.ts';
import type { LiveViews, Source } from './source.ts';

export interface Answer {
  readonly type: string;
  readonly body: string | Buffer;
}

export interface AnswerOptions {
  readonly source: Source;
  readonly allowControl: boolean;
  /** The sandbox that the page shows first. */
  readonly first: string | undefined;
}

const json = (value: unknown): Answer => ({ type: 'application/json', body: encode(value) });
const text = (body: string): Answer => ({ type: 'text/plain; charset=utf-8', body });

/** What the page asks with GET. Undefined for what there is not. @throws what the source does */
export async function answerGet(
  { source, allowControl, first }: AnswerOptions,
  path: readonly string[],
  query: URLSearchParams,
): Promise<Answer | undefined> {
  const [what = '', id = '', view = ''] = path;
  if (what === 'about')
    return json({ runstate: packageVersion(), source: source.kind, allowControl, first: first ?? '' });
  if (what === 'sandboxes') return json(await source.sandboxes());
  if (what !== 'sandbox' || id === '') return undefined;
  if (view === 'actor') return json(await lookAt(source, id, actorOf(query)));
  const views = await source.views(id);
  return views === undefined ? undefined : answerView(views, view, query);
}

/** Null of one that is not there any more, which a page learns of by and by: no failure. */
async function lookAt(source: Source, id: string, actor: InspectArgs): Promise<InspectedActor | null> {
  try {
    return (await source.inspect(id, actor)) ?? null;
  } catch (error) {
    if (gone.has(errorCodeOf(error))) return null;
    throw error;
  }
}

const gone: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>([
  ...(['SANDBOX_NOT_FOUND', 'CONTAINER_NOT_FOUND', 'PROCESS_NOT_FOUND', 'CONNECTION', 'ACTOR_GONE'] as const),
]);

async function answerView(
  views: LiveViews,
  view: string,
  query: URLSearchParams,
): Promise<Answer | undefined> {
  const cid = query.get('cid') ?? '';
  switch (view) {
    case 'stacks':
      return text(await views.stacks());
    case 'processes':
      return json(await views.processes(cid));
    case 'stats':
      return json(await views.stats(cid));
    case 'cpu-profile':
      return { type: 'application/octet-stream', body: await views.cpuProfile(secondsOf(query)) };
    default:
      return undefined;
  }
}

/** What the page asks with POST: a change. @throws RunstateError NOT_SUPPORTED unless that is allowed, USAGE, and what the sandbox says */
export async function answerPost(
  { source, allowControl }: AnswerOptions,
  path: readonly string[],
  request: IncomingMessage,
): Promise<Answer | undefined> {
  const [what = '', id = '', view = ''] = path;
  if (what !== 'sandbox' || view !== 'control') return undefined;
  if (!allowControl) {
    const why = 'this inspector only looks; start it with --allow-control';
    throw new RunstateError('NOT_SUPPORTED', { what: 'asking for a change', why });
  }
  await source.ask(id, await readControlRequest(request));
  return json(null);
}

function actorOf(query: URLSearchParams): InspectArgs {
  const [kind, ID] = [query.get('kind'), query.get('id') ?? ''];
  if (kind === 'sandbox' || kind === 'container' || kind === 'process') return { Kind: kind, ID };
  throw new RunstateError('USAGE', { why: `there is no kind of chart ${JSON.stringify(kind)}` });
}

function secondsOf(query: URLSearchParams): number {
  const seconds = Number(query.get('seconds') ?? 5);
  if (seconds > 0 && seconds <= 60) return seconds;
  throw new RunstateError('USAGE', { why: 'a profile takes up to 60 seconds' });
}
