import type { Logger } from '../../log/logger.ts';

/** EX_SOFTWARE of sysexits.h: an internal fault. */
const internalFault = 70;
/** How long clearing away may take after a fault, in ms. */
const patience = 120_000;

/**
 * From now on an error that nobody handles, a fault of ours, is logged, and the process ends with 70: what it would go on
 * doing could not be trusted. Its sandboxes go on, and are taken over by whoever needs one next.
 * @param destroy what nobody was told of yet goes first
 */
export function onFault(log: Logger, destroy: () => Promise<void>): void {
  let isEnding = false;
  const fault = (cause: unknown): void => {
    log.error('an internal fault: this supervisor ends, and leaves its sandboxes to the next one', {
      cause,
      stack: stackOf(cause),
    });
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(internalFault), patience).unref();
    destroy()
      .catch((error: unknown) => log.error('not everything was destroyed', { cause: error }))
      // The log is written to a file in the background.
      .finally(() => setTimeout(() => process.exit(internalFault), 100));
  };
  process.on('unhandledRejection', fault);
  process.on('uncaughtException', fault);
}

const stackOf = (cause: unknown): string | undefined => (cause instanceof Error ? cause.stack : undefined);
