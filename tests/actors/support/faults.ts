/** The memory platform, made to fail, to hang or to wait on purpose. */
import { memoryPlatform } from '../../../platforms/memory/index.ts';
import type { Platform, PlatformSandbox } from '../../../platforms/platform.ts';

export type Step = 'open' | keyof PlatformSandbox;
type Hook = (signal: AbortSignal | undefined) => Promise<void>;

/** A step that is held up. */
export interface Block {
  /** Resolves when the step has begun. */
  readonly begun: Promise<void>;
  /** Of the step that is held up; undefined when it has none, or has not begun. */
  readonly signal: AbortSignal | undefined;
  /** Lets it go on. */
  letGo(): void;
}

export class Faults {
  /** All steps that were asked for, with the container's id. */
  readonly asked: string[] = [];
  readonly #hooks = new Map<Step, Hook>();

  readonly platform: Platform = {
    ...memoryPlatform(),
    openSandbox: (options, listener, signal) =>
      this.#do('open', options.id, signal, async () =>
        this.#wrap(await memoryPlatform().openSandbox(options, listener, signal)),
      ),
  };

  /** The step fails from now on. */
  fail(step: Step, error: Error): void {
    this.#hooks.set(step, () => Promise.reject(error));
  }

  /** The step never settles from now on, whatever its signal says, until it is mended. */
  hang(step: Step): void {
    this.#hooks.set(step, () => new Promise(() => undefined));
  }

  /** From now on the step is begun by this, until it is mended. */
  plant(step: Step, hook: (signal: AbortSignal | undefined) => Promise<void>): void {
    this.#hooks.set(step, hook);
  }

  /** The next such step waits until it is let go, or its signal is aborted, whose reason it throws. */
  block(step: Step): Block {
    let seen: AbortSignal | undefined;
    const begun = deferred();
    const free = deferred();
    this.#hooks.set(step, async (signal) => {
      this.#hooks.delete(step);
      seen = signal;
      begun.resolve();
      await Promise.race([free.promise, aborted(signal)]);
    });
    return {
      begun: begun.promise,
      get signal() {
        return seen;
      },
      letGo: free.resolve,
    };
  }

  /** The step works again. */
  mend(step: Step): void {
    this.#hooks.delete(step);
  }

  async #do<T>(
    step: Step,
    what: string | undefined,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    this.asked.push(what === undefined ? step : `${step} ${what}`);
    await this.#hooks.get(step)?.(signal);
    return work();
  }

  #wrap(inner: PlatformSandbox): PlatformSandbox {
    return {
      inspection: inner.inspection,
      create: (request, signal) =>
        this.#do('create', request.cid, signal, () => inner.create(request, signal)),
      start: (cid, signal) => this.#do('start', cid, signal, () => inner.start(cid, signal)),
      exec: (cid, request, signal) => this.#do('exec', cid, signal, () => inner.exec(cid, request, signal)),
      signal: (cid, target, signo) =>
        this.#do('signal', cid, undefined, () => inner.signal(cid, target, signo)),
      freeze: (cid, signal) => this.#do('freeze', cid, signal, () => inner.freeze(cid, signal)),
      network: (request, signal) =>
        this.#do('network', undefined, signal, () => inner.network(request, signal)),
      thaw: (cid, signal) => this.#do('thaw', cid, signal, () => inner.thaw(cid, signal)),
      processes: (cid) => this.#do('processes', cid, undefined, () => inner.processes(cid)),
      stats: (cid) => this.#do('stats', cid, undefined, () => inner.stats(cid)),
      waitProcess: (cid, pid, signal) =>
        this.#do('waitProcess', cid, signal, () => inner.waitProcess(cid, pid, signal)),
      save: (request, signal) => this.#do('save', undefined, signal, () => inner.save(request, signal)),
      load: (request, signal) => this.#do('load', undefined, signal, () => inner.load(request, signal)),
      destroy: (cid, signal) => this.#do('destroy', cid, signal, () => inner.destroy(cid, signal)),
      close: (signal) => this.#do('close', undefined, signal, () => inner.close(signal)),
    };
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    });
  });
}
