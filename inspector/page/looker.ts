import type { InspectedActor } from '../../transport/methods/inspect-types.ts';
import { readActor, type ChosenActor } from './api.ts';

/** Ms after which a sandbox that does not answer is said to be silent. */
const patience = 2000;

/** Looks closely at one chart of a live sandbox: one look at a time, and again when something happened during it. */
export class Looker {
  readonly #changed: () => void;
  #detail: InspectedActor | undefined;
  #looking: AbortController | undefined;
  #looksAgain = false;
  /** Since when an answer is outstanding. */
  #askedAt: number | undefined;

  /** @param changed called when there is another answer */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Undefined before the first answer, and when the last is not how it is any more. */
  get detail(): InspectedActor | undefined {
    return this.silence > 0 ? undefined : this.#detail;
  }

  /** For how long, in ms, it has been asked and has not answered; 0 while it answers. */
  get silence(): number {
    const ms = this.#askedAt === undefined ? 0 : Date.now() - this.#askedAt;
    return ms > patience ? ms : 0;
  }

  look(sandbox: string, actor: ChosenActor): void {
    if (this.#looking !== undefined) {
      this.#looksAgain = true;
      return;
    }
    const looking = new AbortController();
    this.#looking = looking;
    this.#askedAt ??= Date.now();
    const done = (detail: InspectedActor | undefined): void => {
      if (this.#looking !== looking) return;
      const isAgain = this.#looksAgain;
      this.#looking = undefined;
      this.#looksAgain = false;
      this.#detail = detail;
      this.#changed();
      if (isAgain) this.look(sandbox, actor);
    };
    readActor(sandbox, actor, looking.signal).then(
      (detail) => {
        if (this.#looking === looking) this.#askedAt = undefined;
        done(detail ?? undefined);
      },
      // It did not answer in time, or the server has gone.
      () => done(undefined),
    );
  }

  /** What was seen, and what is being looked at, is not wanted any more. */
  forget(): void {
    this.#looking?.abort();
    this.#looking = undefined;
    this.#looksAgain = false;
    this.#askedAt = undefined;
    this.#detail = undefined;
  }
}
