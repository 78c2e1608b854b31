import type { ContainerPort } from './container-logic.ts';

/** Of the time that a container has to come to a stand, execs under way get this share. */
const share = 0.5;

/** One exec under way. */
export interface CuttableExec extends Disposable {
  /** Aborted when it is cut short, or the outer one is. */
  readonly signal: AbortSignal;
  /** It was cut short. */
  readonly isCut: boolean;
}

/**
 * Cuts execs short that keep a container from being paused: what is exec'd passes through a process of ours in the
 * container, which the container's root may stop, and with it would keep the whole sandbox from coming to a stand.
 */
export class ExecCutter {
  readonly #underWay = new Set<AbortController>();
  #timer: NodeJS.Timeout | undefined;

  /** @param deadlines how long the states of coming to a stand may last, in ms */
  constructor(port: ContainerPort, deadlines: { readonly pausing: number; readonly holding: number }) {
    port.watch(() => {
      const { path } = port;
      if (path === 'pausing.draining' || path === 'holding.draining') {
        const limit = path === 'pausing.draining' ? deadlines.pausing : deadlines.holding;
        this.#timer ??= setTimeout(() => this.#cut(), limit * share);
      } else {
        clearTimeout(this.#timer);
        this.#timer = undefined;
      }
    });
  }

  /** Enters one; dispose of it when it has settled. */
  begin(outer: AbortSignal): CuttableExec {
    const own = new AbortController();
    let isCut = false;
    const abort = (): void => own.abort(outer.reason);
    outer.addEventListener('abort', abort, { once: true });
    if (outer.aborted) abort();
    const cut = new AbortController();
    cut.signal.addEventListener('abort', () => {
      isCut = true;
      own.abort(new Error('cut short by a pause'));
    });
    this.#underWay.add(cut);
    return {
      signal: own.signal,
      get isCut() {
        return isCut;
      },
      [Symbol.dispose]: () => {
        this.#underWay.delete(cut);
        outer.removeEventListener('abort', abort);
      },
    };
  }

  #cut(): void {
    for (const cut of this.#underWay) cut.abort();
  }
}
