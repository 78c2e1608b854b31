import type { RequestId } from '../../machines/replies.ts';

/** What a port made the request's id from: for what is asked further down on its behalf. */
export function correlationOf(request: RequestId): string {
  return request.slice(0, request.lastIndexOf('.'));
}

/** Whose request a chart carries out, by what it remembers. */
export function askerOf(context: unknown): string | undefined {
  if (typeof context !== 'object' || context === null) return undefined;
  const asking = 'asking' in context ? context.asking : undefined;
  const destroying = 'destroying' in context && Array.isArray(context.destroying) ? context.destroying : [];
  const id: unknown = asking ?? destroying[0];
  return typeof id === 'string' ? correlationOf(id) : undefined;
}
