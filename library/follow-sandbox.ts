import { Socket } from 'node:net';
import { files } from '../native/index.ts';
import type { ControlClient } from '../transport/client/index.ts';

/**
 * Calls back with what happens in a sandbox, some lines of Observation at a time, until it is gone. While `onLines`
 * has not settled nothing more is read, so that the sandbox leaves out what is too much.
 * @param withHistory what has happened is told first
 * @throws RunstateError CONNECTION, CANCELLED when `signal` is aborted; what `onLines` throws
 */
export async function followSandbox(
  client: ControlClient,
  { withHistory, signal }: { readonly withHistory: boolean; readonly signal: AbortSignal },
  onLines: (lines: string) => void | Promise<void>,
): Promise<void> {
  const pipe = files.pipe();
  // It ends when the server has closed its end, and we ours; a server that hangs does not close it.
  // Nor can a file's stream be given up while a read of it waits, so it is read as a socket is.
  const stream = new Socket({ fd: pipe.read, readable: true, writable: false });
  stream.setEncoding('utf8');
  const reading = readLines(stream, onLines);
  const giveUp = (): void => {
    stream.destroy();
  };
  // Told below, when the call has been given up for it.
  const stop = new AbortController();
  reading.catch((error: unknown) => stop.abort(error));
  let failure: { readonly error: unknown } | undefined;
  let late: NodeJS.Timeout | undefined;
  try {
    await client.call(
      'runstate.Observe',
      { History: withHistory },
      { files: [pipe.write], signal: AbortSignal.any([signal, stop.signal]) },
    );
  } catch (error) {
    // What `onLines` threw is told by `reading`.
    if (!stop.signal.aborted) {
      failure = { error };
      late = setTimeout(giveUp, signal.aborted ? 0 : lastLines);
    }
  } finally {
    files.close(pipe.write);
  }
  try {
    await reading;
  } catch (error) {
    // That it was given up is not what went wrong.
    failure ??= { error };
  } finally {
    clearTimeout(late);
  }
  if (failure !== undefined) throw failure.error;
}

/** In ms: after a call that failed what was told before it is read still, unless the server hangs with its end of the pipe. */
const lastLines = 1000;

async function readLines(
  stream: AsyncIterable<unknown>,
  onLines: (lines: string) => void | Promise<void>,
): Promise<void> {
  let rest = '';
  for await (const chunk of stream) {
    const text = rest + String(chunk);
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    if (end > 0) await onLines(text.slice(0, end));
  }
}
