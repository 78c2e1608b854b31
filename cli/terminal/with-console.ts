import { files } from '../../native/index.ts';
import { ConsoleSocket } from './console-socket.ts';

/**
 * Runs what makes a runtime send a terminal to a console socket, and gives its result with the terminal's master
 * end. When either fails the other is given up, and `undo` gets the result, if there was one.
 */
export async function withConsole<T>(
  signal: AbortSignal,
  run: (socket: string) => Promise<T>,
  undo: (result: T, error: unknown) => Promise<void>,
): Promise<{ readonly result: T; readonly master: number }> {
  using socket = new ConsoleSocket();
  const stop = new AbortController();
  const received = socket.receive(AbortSignal.any([signal, stop.signal]));
  // It is looked at below, when the other has settled.
  received.catch(() => undefined);
  let result: T;
  try {
    result = await run(socket.path);
  } catch (error) {
    stop.abort();
    // It may have come before the failure.
    await received.then(files.close, () => undefined);
    throw error;
  }
  try {
    return { result, master: await received };
  } catch (error) {
    await undo(result, error);
    throw error;
  }
}
