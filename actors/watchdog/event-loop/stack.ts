import { Session, type Debugger } from 'node:inspector';

/** In ms: a loop that runs JavaScript lets the inspector in at once. */
const patience = 500;
const mostCalls = 30;

/**
 * The JavaScript stack of the main thread, the innermost call first, from another thread: by Node's inspector, which stops
 * it for a moment, wherever it is. Undefined when it does not stop in time, as it is in a call of the system or of an
 * addon; then it is not stopped later either.
 * @throws Error when the inspector is not there
 */
export async function mainThreadStack(): Promise<readonly string[] | undefined> {
  const session = new Session();
  session.connectToMainThread();
  try {
    return await stackBy(session);
  } finally {
    // What has been stopped goes on by this, too.
    session.disconnect();
  }
}

function stackBy(session: Session): Promise<readonly string[] | undefined> {
  // A frame names its script by a number.
  const scripts = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => scripts.set(scriptId, url));
  return new Promise((resolve) => {
    const end = (found: readonly string[] | undefined): void => {
      clearTimeout(timer);
      session.post('Debugger.disable');
      resolve(found);
    };
    const timer = setTimeout(() => end(undefined), patience);
    session.once('Debugger.paused', ({ params }) => {
      session.post('Debugger.resume');
      end(params.callFrames.slice(0, mostCalls).map((frame) => shown(frame, scripts)));
    });
    session.post('Debugger.enable');
    session.post('Debugger.pause');
  });
}

/** As V8 writes a line of a stack. */
function shown(
  { functionName, url, location }: Debugger.CallFrame,
  scripts: ReadonlyMap<string, string>,
): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  const script = url === '' ? (scripts.get(location.scriptId) ?? '') : url;
  return `${name} (${script}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1})`;
}
