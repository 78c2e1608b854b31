/** What the page knows and shows. Components read it, and are drawn anew when it changes. */
import type { InspectedActor } from '../../transport/methods/inspect-types.ts';
import { exportVersion, readExport, writeExport } from '../../observation/export-file.ts';
import { Recording } from '../../observation/recording.ts';
import { Timeline, type Span } from '../../observation/timeline.ts';
import type {
  Observation,
  ObservedActor,
  SnapshotObservation,
  TransitionObservation,
} from '../../observation/types.ts';
import { follow, readAbout, readSandboxes, type About, type ChosenActor, type ListedSandbox } from './api.ts';
import { Looker } from './looker.ts';

/** Ms between two looks at the chosen chart, at which nothing may have happened: who waits for it, what the platform shows. */
const lookAgain = 1000;
/** Ms between two lists of sandboxes. */
const listAgain = 3000;

export class Model {
  about: About | undefined;
  /** What is shown comes from a file, the server's or one that was opened here. */
  showsFile = false;
  sandboxes: readonly ListedSandbox[] = [];
  /** Whose observations are shown. */
  sandbox = '';
  recording = new Recording();
  timeline = new Timeline();
  isConnected = false;
  /** Why nothing more will come. */
  ended: string | undefined;
  /** Of an observation: everything is shown as it was after it. Undefined: as it is now. */
  moment: number | undefined;
  chosen: ChosenActor | undefined;
  span: Span | undefined;
  search = '';
  /** What went wrong last, for the user to see. */
  trouble: string | undefined;
  readonly #listeners = new Set<() => void>();
  #isChanged = false;
  #made:
    | {
        readonly recording: Recording;
        readonly end: number;
        readonly moment: number | undefined;
        readonly snapshot: SnapshotObservation | undefined;
      }
    | undefined;
  #stopFollowing: () => void = () => undefined;
  readonly #looker = new Looker(() => this.changed());
  #isListing = false;

  async begin(): Promise<void> {
    try {
      this.about = await readAbout();
      if (this.about.first !== '') this.open(this.about.first);
      await this.list();
    } catch (error) {
      this.fail(error);
    }
    if (this.about?.source !== 'live') return;
    // A browser has but six connections with a server: a page that nobody sees has none.
    document.addEventListener('visibilitychange', () => this.#seen(!document.hidden));
    setInterval(() => void this.list(), listAgain);
    setInterval(() => this.look(), lookAgain);
  }

  /** Calls back when something has changed, at most once a frame. Returns what ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    if (this.#isChanged) return;
    this.#isChanged = true;
    requestAnimationFrame(() => {
      this.#isChanged = false;
      for (const listener of this.#listeners) listener();
    });
  }

  fail(error: unknown): void {
    this.trouble = error instanceof Error ? error.message : String(error);
    this.changed();
  }

  async list(): Promise<void> {
    if (document.hidden || this.#isListing) return;
    this.#isListing = true;
    try {
      this.sandboxes = await readSandboxes();
      this.changed();
      const [only] = this.sandboxes;
      if (this.sandbox === '' && only !== undefined) this.open(only.id);
    } catch {
      // The server has gone: what follows the sandbox says so.
    } finally {
      this.#isListing = false;
    }
  }

  /** Shows another sandbox. */
  open(id: string): void {
    this.#stopFollowing();
    this.#show(id, this.about?.source === 'file');
    this.#follow(id);
  }

  /** Shows what somebody exported. @throws Error that says what is wrong with it */
  openFile(text: string): void {
    const { header, observations } = readExport(text);
    this.#stopFollowing();
    this.#show(header.sandbox, true);
    this.ended = 'the file ends here';
    this.#take(observations);
  }

  /** What is known of the sandbox, for {@link openFile}. */
  export(): string {
    const header = {
      ...({ format: 'runstate-inspection', version: exportVersion } as const),
      ...{ runstate: this.about?.runstate ?? '', sandbox: this.sandbox, at: Date.now() },
    };
    return writeExport({ header, observations: this.recording.whole() });
  }

  /** The sandbox is there and can be asked, and what is shown is now. */
  get isLive(): boolean {
    return !this.showsFile && this.moment === undefined && this.ended === undefined;
  }

  /** It has ended, and there is one of its name again. */
  get isBack(): boolean {
    const listed = this.sandboxes.find(({ id }) => id === this.sandbox);
    return this.ended !== undefined && !this.showsFile && (listed?.state ?? '') !== '';
  }

  /** The page may ask what is shown for changes. */
  get mayChange(): boolean {
    return this.about?.allowControl === true && !this.showsFile;
  }

  /** Everything at the moment that is shown. Many look at it while the page is drawn once. */
  get shown(): SnapshotObservation | undefined {
    const { moment, recording } = this;
    const made = this.#made;
    const isSame = made?.recording === recording && made.end === recording.end && made.moment === moment;
    if (isSame) return made.snapshot;
    const snapshot = moment === undefined ? recording.now : recording.after(moment);
    this.#made = { recording, end: recording.end, moment, snapshot };
    return snapshot;
  }

  /** What time it is at the moment that is shown. */
  get clock(): number {
    if (this.moment !== undefined) return this.recording.get(this.moment)?.at ?? 0;
    if (this.ended !== undefined || this.about?.source === 'file')
      return this.recording.get(this.recording.end - 1)?.at ?? 0;
    return Date.now();
  }

  /** The chosen chart at the moment that is shown. */
  get shownActor(): ObservedActor | undefined {
    const { shown, chosen } = this;
    if (shown === undefined || chosen === undefined) return undefined;
    if (chosen.kind === 'sandbox') return shown.sandbox;
    if (chosen.kind === 'container') return shown.containers.find(({ id }) => id === chosen.id);
    return shown.containers.flatMap(({ processes }) => processes).find(({ id }) => id === chosen.id);
  }

  /** How the chosen chart came to where it is at the moment that is shown. */
  get lastMove(): TransitionObservation | undefined {
    const { observations, first } = this.recording;
    const { chosen, moment } = this;
    const end = moment === undefined ? observations.length : moment - first + 1;
    for (let index = end - 1; index >= 0; index--) {
      const one = observations[index];
      if (one?.type === 'transition' && one.kind === chosen?.kind && one.id === chosen.id) return one;
    }
    return undefined;
  }

  choose(actor: ChosenActor): void {
    this.chosen = actor;
    this.#looker.forget();
    this.look();
    this.changed();
  }

  /** @param moment undefined: now */
  travel(moment: number | undefined): void {
    const { first, end } = this.recording;
    // There is nowhere to go.
    if (end === first) return;
    this.moment = moment === undefined ? undefined : Math.max(first, Math.min(end - 1, moment));
    if (this.moment === undefined) this.look();
    this.changed();
  }

  /** The chosen chart, looked at closely; of a live sandbox, and not in the past. */
  get detail(): InspectedActor | undefined {
    return this.isLive ? this.#looker.detail : undefined;
  }

  /** For how long, in ms, the sandbox has been asked and has not answered; 0 while it answers. */
  get silence(): number {
    return this.isLive ? this.#looker.silence : 0;
  }

  /** Looks at the chosen chart, if it is there now. */
  look(): void {
    if (this.chosen !== undefined && this.isLive && !document.hidden)
      this.#looker.look(this.sandbox, this.chosen);
  }

  #follow(id: string): void {
    this.#stopFollowing = follow(id, {
      observations: (some, isAnew) => {
        this.#take(isAnew ? this.#unknown(some) : some);
      },
      connected: (is) => {
        this.isConnected = is;
        if (!is) this.#looker.forget();
        this.changed();
      },
      failed: (error) => this.fail(error),
      ended: (why) => {
        this.ended = why;
        this.#looker.forget();
        this.isConnected = false;
        this.changed();
      },
    });
  }

  #seen(is: boolean): void {
    if (this.showsFile || this.ended !== undefined || this.sandbox === '') return;
    this.#stopFollowing();
    if (is) this.#follow(this.sandbox);
    else this.isConnected = false;
  }

  #show(id: string, isFile: boolean): void {
    this.sandbox = id;
    this.showsFile = isFile;
    this.#looker.forget();
    this.recording = new Recording();
    this.timeline = new Timeline();
    this.chosen = { kind: 'sandbox', id };
    Object.assign(this, { moment: undefined, span: undefined, ended: undefined });
    this.changed();
  }

  #take(some: readonly Observation[]): void {
    const { first } = this.recording;
    let isMoved = false;
    for (const one of some) {
      this.timeline.take(one, this.recording.take(one));
      isMoved ||= one.type === 'transition';
    }
    if (this.recording.first !== first) this.timeline.letGo(this.recording.first);
    if (this.moment !== undefined && this.moment < this.recording.first) this.moment = this.recording.first;
    if (isMoved) this.look();
    this.changed();
  }

  /** Of what is told after a new connection, that which was not told before it. */
  #unknown(some: readonly Observation[]): readonly Observation[] {
    const last = this.recording.observations.findLast(({ type }) => type !== 'snapshot');
    if (last === undefined) return some;
    const text = JSON.stringify(last);
    const index = some.findLastIndex((one) => JSON.stringify(one) === text);
    // It was cut off for longer than is kept: what was between is not known.
    return index < 0 ? some : some.slice(index + 1);
  }
}
