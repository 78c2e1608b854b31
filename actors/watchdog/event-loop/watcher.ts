/**
 * The thread that watches an event loop (see watched-loop.ts): it finds that there is no beat any more, and writes so to the
 * log by itself, as those who else would are blocked.
 */
import { openSync, closeSync, readFileSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../../errors/index.ts';
import { logLine } from '../../../log/line.ts';
import { blockedMessage, type Blocked, type LogPlace, type WatcherData } from './messages.ts';
import { mainThreadStack } from './stack.ts';

// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- what watched-loop.ts starts it with
const { beats, interval, looks, log }: WatcherData = workerData;
const beat = new BigInt64Array(beats);

let last = 0n;
/** Looks that have found the same beat. What stops both threads, as SIGSTOP, adds none. */
let same = 0;

setInterval(() => {
  const now = Atomics.load(beat, 0);
  same = now === last ? same + 1 : 0;
  last = now;
  if (same === looks) void tell(Number(now));
}, interval);

async function tell(since: number): Promise<void> {
  const noticed = Date.now();
  const kernel = inKernel();
  let stack: readonly string[] | undefined;
  let failed: unknown;
  try {
    stack = await mainThreadStack();
    // It has gone on meanwhile: this would be the stack of something else.
    if (Atomics.load(beat, 0) !== BigInt(since)) stack = undefined;
  } catch (error) {
    failed = error;
  }
  const fields = {
    ...log.fields,
    ...{ alarm: 'event-loop', since: new Date(since).toISOString(), ms: noticed - since },
    ...{ stack, kernel, cause: failed },
  };
  const message: Blocked = { since, noticed, stack, kernel, unwritten: write(log, fields) };
  parentPort?.postMessage(message);
}

/** Gives why it could not be written. */
function write({ format, file }: LogPlace, fields: Readonly<Record<string, unknown>>): string | undefined {
  const line = logLine(format, 'error', blockedMessage, new Date().toISOString(), fields);
  try {
    // By its name each time: the log may have been begun anew.
    const fd = file === undefined ? 2 : openSync(file, 'a', 0o600);
    try {
      writeSync(fd, `${line}\n`);
    } finally {
      if (file !== undefined) closeSync(fd);
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The main thread's id is the process's. */
function inKernel(): string {
  try {
    const stack = readFileSync(`/proc/self/task/${process.pid}/stack`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\[<[^>]*>\] /, '').replace(/\+0x.*$/, ''))
      .join(' < ');
    return stack === '' ? 'it is not in the kernel' : stack;
  } catch (error) {
    return `unknown: ${messageOf(error)}`;
  }
}
