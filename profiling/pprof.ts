/** Call stacks with numbers, as pprof's profile.proto has them: `go tool pprof`, speedscope and others open it. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  Function as PprofFunction,
  Line,
  Location,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';

const compress = promisify(gzip);

/** One call, as V8's profilers give it. */
export interface Frame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
}

export interface PprofSample {
  /** The innermost call first. */
  readonly stack: readonly Frame[];
  /** As many as there are types. */
  readonly values: readonly number[];
}

export interface PprofOptions {
  /** Of each value: its name and unit. */
  readonly types: readonly (readonly [type: string, unit: string])[];
  readonly period: readonly [type: string, unit: string, every: number];
  readonly durationNanos: number;
}

/** Samples with their functions and places, each entered once. */
export class CallTree {
  readonly #samples: readonly PprofSample[];
  readonly #strings = new StringTable();
  readonly #functions = new Map<string, PprofFunction>();
  readonly #locations = new Map<string, Location>();

  constructor(samples: readonly PprofSample[]) {
    this.#samples = samples;
  }

  /** The profile, gzipped. */
  async encode({ types, period, durationNanos }: PprofOptions): Promise<Uint8Array> {
    const [type, unit, every] = period;
    const sample = this.#samples.map(
      ({ stack, values }) =>
        new Sample({ locationId: stack.map((frame) => this.#location(frame).id), value: [...values] }),
    );
    const profile = new Profile({
      sampleType: types.map((one) => this.#valueType(...one)),
      sample,
      location: [...this.#locations.values()],
      function: [...this.#functions.values()],
      stringTable: this.#strings,
      timeNanos: BigInt(Date.now()) * 1_000_000n,
      durationNanos: BigInt(Math.round(durationNanos)),
      periodType: this.#valueType(type, unit),
      period: every,
    });
    return await compress(profile.encode());
  }

  #valueType(type: string, unit: string): ValueType {
    return new ValueType({ type: this.#strings.dedup(type), unit: this.#strings.dedup(unit) });
  }

  #location(frame: Frame): Location {
    const own = this.#function(frame);
    const line = frame.lineNumber + 1;
    const key = `${own.id} ${line}`;
    let found = this.#locations.get(key);
    if (found === undefined) {
      const lines = [new Line({ functionId: own.id, line })];
      found = new Location({ id: this.#locations.size + 1, line: lines });
      this.#locations.set(key, found);
    }
    return found;
  }

  #function({ functionName, url, lineNumber }: Frame): PprofFunction {
    const name = functionName === '' ? '(anonymous)' : functionName;
    const key = JSON.stringify([name, url, lineNumber]);
    let found = this.#functions.get(key);
    if (found === undefined) {
      const dedup = (text: string): number => this.#strings.dedup(text);
      found = new PprofFunction({
        id: this.#functions.size + 1,
        name: dedup(name),
        systemName: dedup(name),
        filename: dedup(url.replace(/^file:\/\//, '')),
        startLine: lineNumber + 1,
      });
      this.#functions.set(key, found);
    }
    return found;
  }
}
