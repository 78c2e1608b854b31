/** Something that reads what comes from outside. */
export interface Target {
  readonly name: string;
  /** Well-formed inputs, to begin with. */
  readonly seeds: () => Promise<readonly Buffer[]>;
  /** Before the first input. Gives what reads one, and what ends it. */
  readonly open: () => Promise<OpenTarget>;
}

export interface OpenTarget {
  /** Reads an input. @throws whatever is a violation: a refusal by name is none */
  readonly read: (input: Buffer) => void | Promise<void>;
  readonly close: () => Promise<void>;
}
