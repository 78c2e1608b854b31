/** The command line in a terminal, as somebody sits at it. */
import { spawn } from 'node:child_process';
import type { ExecutionContext } from 'ava';
import { files, isSystemError, sockets, terminal } from '../../native/index.ts';
import { eventually, program, type Cli } from './support.ts';

/** The side of a terminal where somebody sits. */
export interface Screen {
  /** What has come out of the terminal so far. */
  output(): string;
  type(text: string): void;
  resize(rows: number, columns: number): void;
}

export interface Session extends Screen {
  readonly settings: () => string;
  readonly ended: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

/** @param master a terminal's, closed when the test ends */
function screenOf(t: ExecutionContext, master: number): Screen {
  files.setNonBlocking(master, true);
  const buffer = Buffer.alloc(65536);
  let text = '';
  let isOver = false;
  const drain = (): void => {
    while (!isOver) {
      let bytes;
      try {
        bytes = files.read(master, buffer);
      } catch (error) {
        // Nobody has it open any more.
        if (!isSystemError(error, 'EIO')) throw error;
        isOver = true;
      }
      if (typeof bytes !== 'number' || bytes === 0) return;
      text += buffer.toString('utf8', 0, bytes);
    }
  };
  const timer = setInterval(drain, 5);
  t.teardown(() => {
    clearInterval(timer);
    files.close(master);
  });
  return {
    output: () => {
      drain();
      return text;
    },
    type: (input) => void files.write(master, Buffer.from(input)),
    resize: (rows, columns) => terminal.setWindowSize(master, { rows, columns }),
  };
}

/** Runs the command line in a terminal of its own. */
export function inTerminal(t: ExecutionContext, cli: Cli, args: readonly string[]): Session {
  const { master, slave } = terminal.openTerminal({ rows: 30, columns: 100 });
  // setsid makes it the session's controlling terminal, as a terminal program does.
  const child = spawn('setsid', ['--ctty', process.execPath, program, '--root', cli.root, ...args], {
    stdio: [slave, slave, slave],
  });
  const ended = new Promise<number>((resolve) =>
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143))),
  );
  const screen = screenOf(t, master);
  t.teardown(() => files.close(slave));
  return {
    ...screen,
    settings: () => {
      const saved = terminal.makeRaw(slave);
      terminal.restoreTerminal(slave, saved);
      // Flags, line discipline and keys; after them comes padding.
      return Buffer.from(saved.termios).toString('hex', 0, 36);
    },
    ended,
    kill: (signal) => void child.kill(signal),
  };
}

/** A console socket, and the terminal that is sent there. */
export function consoleSocket(t: ExecutionContext, path: string): { readonly screen: () => Promise<Screen> } {
  const listener = sockets.listen(path);
  t.teardown(() => files.close(listener));
  return {
    screen: async () => {
      const connection = await eventually(() => sockets.accept(listener), 'a connection');
      const received: number[] = [];
      await eventually(
        () => (sockets.receive(connection, Buffer.alloc(100), received) === 'again' ? undefined : true),
        'a terminal',
      );
      files.close(connection);
      const [master] = received;
      if (master === undefined) throw new Error('no terminal came');
      return screenOf(t, master);
    },
  };
}

/** Waits until that has come out of the terminal. */
export const shows = (session: Screen, what: string | RegExp): Promise<true> =>
  eventually(
    () =>
      (typeof what === 'string' ? session.output().includes(what) : what.test(session.output())) || undefined,
    `${String(what)} in ${JSON.stringify(session.output())}`,
  );
