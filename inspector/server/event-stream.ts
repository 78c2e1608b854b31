import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { messageOf } from '../../errors/index.ts';
import { headers } from './headers.ts';
import type { Source } from './source.ts';

/** In ms: a page that has gone without a word is noticed. */
const heartbeat = 15_000;

/**
 * Sends a sandbox's observations to a page as they come (server-sent events), until the sandbox or the page is gone. A
 * page that does not take them is not sent more: what is too much for it is left out at its source.
 */
export async function streamEvents(source: Source, id: string, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.on('error', () => gone.abort());
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
  // A sandbox that hangs has nothing to tell for long: that the page is connected it hears at once.
  response.flushHeaders();
  const send = async (event: string, data: string): Promise<void> => {
    if (gone.signal.aborted) return;
    const lines = data
      .trimEnd()
      .split('\n')
      .map((line) => `data: ${line}\n`);
    if (response.write(`event: ${event}\n${lines.join('')}\n`)) return;
    await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  };
  const beat = setInterval(() => response.write(': still here\n\n'), heartbeat);
  try {
    await source.follow(id, gone.signal, (lines) => send('observations', lines));
    await send('end', source.kind === 'file' ? 'the file ends here' : 'the sandbox is gone');
  } catch (error) {
    await send('end', messageOf(error));
  } finally {
    clearInterval(beat);
    response.end();
  }
}
