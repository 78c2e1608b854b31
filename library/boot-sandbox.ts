import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { nanoid } from 'nanoid';
import { makeRoot } from '../actors/run-directory/index.ts';
import { RunstateError, isError } from '../errors/index.ts';
import { ControlClient, RemoteError, supervisorSocket } from '../transport/client/index.ts';
import { parseReadiness } from './readiness.ts';

/**
 * Takes over a sandbox whose supervisor has died, by a new one in the background.
 * @throws RunstateError SANDBOX_EXISTS when another does so at the moment, or has; what else a recovery may raise;
 *   DEADLINE; CANCELLED
 */
export async function recoverSandbox(root: string, id: string, signal?: AbortSignal): Promise<void> {
  await bootInBackground({ root, id, recover: true }, signal);
}

export interface BootOptions {
  /** The run directory, absolute. */
  readonly root: string;
  readonly id: string;
  /** The OCI runtime's binary. */
  readonly runtime?: string;
  /** Whose command line is to find it, too. */
  readonly compat?: 'runsc';
  readonly debug?: boolean;
  readonly logFormat?: 'text' | 'json';
  /** A file that the supervisor appends to; one in the sandbox's run directory without. */
  readonly log?: string;
  /** The sandbox is there; its supervisor has died. */
  readonly recover?: true;
}

/** How long a supervisor may take to be ready, in ms. */
const bootTimeout = 60_000;

/** How long one that is stopped may take to destroy what it has made, in ms. */
const stopTimeout = 20_000;

/** The command line's entry, in the same package as this file. */
const program = fileURLToPath(new URL('../../bin/runstate.cjs', import.meta.url));

/**
 * Boots a sandbox: in the supervisor that serves this root (`runstate serve`), else in one of its own in the
 * background, which ends with the sandbox.
 * @throws RunstateError SANDBOX_EXISTS, CONTAINER_EXISTS and what else a boot may raise; DEADLINE; CANCELLED
 */
export async function bootSandbox(
  options: BootOptions,
  signal?: AbortSignal,
): Promise<{ readonly pid: number }> {
  return (await bootServed(options, signal)) ?? (await bootInBackground(options, signal));
}

/** Undefined when no supervisor serves this root. */
async function bootServed(
  { root, id }: BootOptions,
  signal: AbortSignal | undefined,
): Promise<{ readonly pid: number } | undefined> {
  const client = await connectSupervisor(root);
  if (client === undefined) return undefined;
  try {
    const { PID } = await client.call('supervisor.Boot', { ID: id }, signal === undefined ? {} : { signal });
    return { pid: PID };
  } finally {
    client.close();
  }
}

async function connectSupervisor(root: string): Promise<ControlClient | undefined> {
  try {
    return await ControlClient.connect(supervisorSocket(root));
  } catch (error) {
    if (isError(error, 'CONNECTION')) return undefined;
    throw error;
  }
}

async function bootInBackground(
  options: BootOptions,
  signal: AbortSignal | undefined,
): Promise<{ readonly pid: number }> {
  const { root, id } = options;
  makeRoot(root);
  // What it says before it has a log; the file has no name any more, so that nothing is left of it.
  const path = join(root, `.boot-${nanoid()}`);
  const errors = openSync(path, 'wx+', 0o600);
  rmSync(path);
  try {
    const child = spawn(process.execPath, [program, ...arguments_(options)], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'ignore', errors, 'pipe'],
    });
    const pid = await untilReady(child, id, errors, signal);
    child.unref();
    return { pid };
  } finally {
    closeSync(errors);
  }
}

function arguments_({ root, id, runtime, compat, debug, logFormat, log, recover }: BootOptions): string[] {
  return [
    ...['--root', root],
    ...(runtime === undefined ? [] : ['--runtime', runtime]),
    ...(compat === undefined ? [] : ['--compat', compat]),
    ...(debug === true ? ['--debug'] : []),
    ...(logFormat === undefined ? [] : ['--log-format', logFormat]),
    ...(log === undefined ? [] : ['--log', log]),
    ...['boot', ...(recover === true ? ['--recover'] : []), '--ready-fd', '3', '--', id],
  ];
}

function untilReady(
  child: ChildProcess,
  id: string,
  errors: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const subject = { verb: 'boot', kind: 'sandbox', id };
  return new Promise((resolve, reject) => {
    const pipe = child.stdio[3] as Readable;
    let text = '';
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      child.removeAllListeners();
      pipe.removeAllListeners();
      pipe.destroy();
    };
    const fail = (error: Error) => {
      finish();
      reject(error);
    };
    let isStopping = false;
    const stop = (error: RunstateError) => {
      if (isStopping) return;
      isStopping = true;
      // It destroys what it has made: nothing is left when the failure is told.
      child.removeAllListeners('exit');
      const giveUp = setTimeout(() => {
        child.unref();
        fail(error);
      }, stopTimeout);
      child.once('exit', () => {
        clearTimeout(giveUp);
        fail(error);
      });
      child.kill('SIGTERM');
    };
    const cancel = () => stop(new RunstateError('CANCELLED', subject, { cause: signal?.reason }));
    const timer = setTimeout(
      () => stop(new RunstateError('DEADLINE', { ...subject, ms: bootTimeout })),
      bootTimeout,
    );
    signal?.addEventListener('abort', cancel, { once: true });
    child.on('error', (cause) =>
      fail(new RunstateError('OPERATION_FAILED', { ...subject, why: cause.message }, { cause })),
    );
    pipe.on('data', (data: Buffer) => {
      text += data.toString();
      if (isStopping || !text.includes('\n')) return;
      const said = parseReadiness(text);
      if (said === undefined || child.pid === undefined)
        stop(
          new RunstateError('OPERATION_FAILED', { ...subject, why: `its supervisor said ${text.trim()}` }),
        );
      else if (said.ready) {
        finish();
        resolve(child.pid);
      } else fail(new RemoteError('boot', said.message, { code: said.code, phase: '', params: null }));
    });
    child.on('exit', (code, sig) => {
      const how = sig === null ? `exit code ${code ?? 'unknown'}` : sig;
      const why = `its supervisor ended before it was ready (${how})${shown(errors)}`;
      fail(new RunstateError('OPERATION_FAILED', { ...subject, why }));
    });
    if (signal?.aborted === true) cancel();
  });
}

/** What it wrote to standard error, of which the beginning tells most. */
function shown(fd: number): string {
  const text = Buffer.alloc(Math.min(fstatSync(fd).size, 2000));
  readSync(fd, text, 0, text.length, 0);
  return text.length === 0 ? '' : `: ${text.toString().trim()}`;
}
