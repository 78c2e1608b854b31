import { messageOf } from '../../errors/index.ts';
import { errorCodeOf, type ControlClient } from '../../transport/client/index.ts';
import { printError } from '../output/print.ts';
import type { Interrupts } from '../signals/interrupts.ts';
import { TerminalRelay } from '../terminal/relay.ts';
import { waitForExit } from './exit-status.ts';

export interface Foreground {
  readonly client: ControlClient;
  readonly cid: string;
  /** Of an exec; undefined is the container's init. */
  readonly pid?: number;
  readonly interrupts: Interrupts;
  readonly relay: TerminalRelay | undefined;
}

/**
 * Stays with a process until it ends, and gives its exit code: signals that come to us go to it, and its terminal is
 * joined to ours. @throws RunstateError of the server; ExitError, BrokenPipeError when our own side has gone
 */
export async function stayWith({ client, cid, pid, interrupts, relay }: Foreground): Promise<number> {
  interrupts.forward((signo) => void forward(client, cid, pid, signo));
  const ended = waitForExit(client, cid, pid).catch((error: unknown) => goneWithCheckpoint(cid, error));
  if (relay === undefined) return ended;
  // When our own side breaks, the wait is given up with the connection.
  ended.catch(() => undefined);
  const code = await Promise.race([ended, relay.broken]);
  await relay.drain();
  return code;
}

/** As with runc, whose checkpoint kills what it has saved. */
const saved = 128 + 9;

function goneWithCheckpoint(cid: string, error: unknown): number {
  if (errorCodeOf(error) !== 'CHECKPOINTED') throw error;
  printError(`runstate: container ${cid} was saved by a checkpoint, and goes on no more here`);
  return saved;
}

async function forward(
  client: ControlClient,
  cid: string,
  pid: number | undefined,
  signo: number,
): Promise<void> {
  try {
    await client.call('containerManager.Signal', { CID: cid, PID: pid ?? 0, Signo: signo, Mode: 0 });
  } catch (error) {
    const code = errorCodeOf(error);
    // It has ended at the same time.
    if (code === 'SIGNAL_FAILED' || code === 'WRONG_STATE' || code === 'PROCESS_NOT_FOUND') return;
    printError(`runstate: the signal could not be passed on: ${messageOf(error)}`);
  }
}
