import type { Decoder } from '../decode/index.ts';
import type { Arg, MethodName, Result } from './types.ts';

/** What client and server know of one method. */
export interface Method<M extends MethodName> {
  /** One sentence for people. */
  readonly about: string;
  readonly arg: Decoder<Arg<M>>;
  readonly result: Decoder<Result<M>>;
  /** How many files come with it: none when left out. */
  readonly files?: { readonly least: number; readonly most: number };
  /** What the original checks before it does anything, in its order and words. Throws MISSING_ARGUMENT or FILES. */
  readonly check?: (arg: Arg<M>, files: number) => void;
  /** It answers when something has happened, which may be never: a client sets no deadline of its own. */
  readonly waits?: boolean;
  /** It changes nothing, or may be asked twice: a client whose server has died may ask the next one again. */
  readonly again?: boolean;
}

/** Some of the methods, by name. */
export type MethodFamily<Names extends MethodName> = { readonly [M in Names]: Method<M> };
