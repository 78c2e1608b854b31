import type { RequestId } from '../../machines/replies.ts';

/** What a port made the request's id from: for what is asked further down on its behalf. */
export function correlationOf(request: RequestId): string {
  return request.slice(0, request.lastIndexOf('.'));
}
