import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { RunstateError } from '../../../errors/index.ts';
import { Watch, files, processes, sockets } from '../../../native/index.ts';
import { containerPid, sharesPids } from '../proc/index.ts';
import { isErrno } from '../system-error.ts';
import { loadFailure } from './load-failure.ts';

const SIGKILL = 9;
/** More than anything that runstate-init says, in bytes. */
const longestLine = 64;

/** A program that runstate-init has started. */
export interface Handed {
  /** In the container's own numbering. */
  readonly pid: number;
  readonly hostPid: number;
  /** The taker's to close. */
  readonly pidfd: number;
}

/**
 * What is said with runstate-init while it starts a program (native/helpers/runstate-init/talk.c). The program is held
 * back until there is a handle of it here: however soon it ends then, its end is seen.
 */
export class Handover {
  readonly #ours: number;
  readonly #watch: Watch;
  readonly #came: number[] = [];
  #theirs: number | undefined;
  #text = '';
  #isEnded = false;
  #isClosed = false;
  #wake: () => void = () => undefined;

  /** @throws SystemError */
  constructor() {
    const [ours, theirs] = sockets.socketPair();
    this.#ours = ours;
    this.#theirs = theirs;
    // A peer that is killed before it has read what it was sent leaves an error, of which reading tells.
    const receive = (): void => this.#receive();
    this.#watch = new Watch(ours, { readable: receive, failed: receive });
  }

  /** The end to hand over to the container. */
  get theirs(): number {
    if (this.#theirs === undefined) throw new Error('that end has been let go');
    return this.#theirs;
  }

  /** Call it when the container has its end: only then the last of them can be seen to go. Idempotent. */
  letGo(): void {
    if (this.#theirs !== undefined) files.close(this.#theirs);
    this.#theirs = undefined;
  }

  /**
   * Resolves when the program runs.
   * @param command as errors name it
   * @param find gives the host's pid of a process by its pid in the container, where the container may open no pidfd
   * @param home the host's pid of the container's pid 1: what comes from inside must be one of its own
   * @param beforeGo called with the process while it is held back
   * @throws RunstateError COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, SYSTEM; when this is closed meanwhile, too
   */
  async meet(
    command: string,
    find: (pid: number) => Promise<number | undefined>,
    home: number,
    beforeGo: (handed: Handed) => void = () => undefined,
  ): Promise<Handed> {
    const pid = Number(/^pid (\d+)$/.exec(await this.#line(command))?.[1]);
    const handed = await this.#open(command, pid, find, home);
    let isEnding = false;
    try {
      beforeGo(handed);
      if (sockets.send(this.#ours, Buffer.from('\n')) !== 1) throw new Error('no room for a byte');
      const more = await this.#read();
      if (more === undefined) return handed;
      isEnding = more.startsWith('failed ');
      throw failure(command, more);
    } catch (error) {
      // Who says that it failed ends by itself, with a status that tells so.
      if (!isEnding) kill(handed.pidfd);
      files.close(handed.pidfd);
      // It was killed before it could be told to go on: as good as just after.
      throw isErrno(error, 'EPIPE') ? gone(command) : error;
    }
  }

  /** What it is told no more makes it give up, or (as pid 1) go on by itself. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watch.close();
    files.close(this.#ours);
    for (const fd of this.#came.splice(0)) files.close(fd);
    this.letGo();
    this.#wake();
  }

  async #open(
    command: string,
    pid: number,
    find: (pid: number) => Promise<number | undefined>,
    home: number,
  ): Promise<Handed> {
    const [pidfd] = this.#came.splice(0, 1);
    if (pidfd === undefined) {
      const hostPid = await find(pid);
      if (hostPid === undefined) throw gone(command);
      return { pid, hostPid, pidfd: processes.openPidfd(hostPid) };
    }
    try {
      const hostPid = pidOf(pidfd);
      // What comes from inside is looked at twice.
      const isAsSaid = hostPid > 0 && (await containerPid(hostPid)) === pid;
      if (isAsSaid && (await sharesPids(hostPid, home))) return { pid, hostPid, pidfd };
      throw gone(command);
    } catch (error) {
      files.close(pidfd);
      throw error;
    }
  }

  async #line(command: string): Promise<string> {
    const line = await this.#read();
    if (line === undefined) throw gone(command);
    if (line.startsWith('failed ')) throw failure(command, line);
    return line;
  }

  /** Undefined when all has been said. */
  async #read(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      if (this.#isClosed)
        throw new RunstateError('SYSTEM', { call: 'talk', what: 'to runstate-init', why: 'given up' });
      if (this.#isEnded) return undefined;
      this.#watch.want({ readable: true });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #receive(): void {
    const buffer = Buffer.alloc(longestLine);
    try {
      const got = sockets.receive(this.#ours, buffer, this.#came);
      if (typeof got === 'number') this.#text += buffer.toString('latin1', 0, got);
      else if (got !== 'again') this.#isEnded = true;
    } catch (error) {
      if (!isErrno(error, 'ECONNRESET')) throw error;
      this.#isEnded = true;
    }
    // Who says more than that is not runstate-init.
    if (this.#text.length > 2 * longestLine) this.#isEnded = true;
    if (this.#isEnded || this.#text.includes('\n')) this.#watch.want({});
    this.#wake();
  }
}

/** Its number here, which it keeps until it is reaped; 0 when it has been, or the descriptor is no pidfd. */
function pidOf(pidfd: number): number {
  const text = readFileSync(`/proc/self/fdinfo/${pidfd}`, 'latin1');
  return Math.max(0, Number(/^Pid:\s*(-?\d+)$/m.exec(text)?.[1] ?? 0));
}

function kill(pidfd: number): void {
  try {
    processes.signalPidfd(pidfd, SIGKILL);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

function failure(command: string, line: string): RunstateError {
  const [, step = 'exec', number = ''] = /^failed (\S+) (\d+)$/.exec(line) ?? [];
  return number === '' ? gone(command) : loadFailure(command, step, errnoName(Number(number)));
}

const errnoName = (number: number): string =>
  Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;

const gone = (command: string): RunstateError =>
  new RunstateError('SYSTEM', {
    call: 'start',
    what: command,
    why: 'runstate-init was ended before it could start it',
  });
