/** Recorded conversations of real runsc command lines with their own control server, measured on its socket. */
import recorded2019 from './vectors/runsc-2019.json' with { type: 'json' };
import recorded2022 from './vectors/runsc-2022.json' with { type: 'json' };

/** A request as it was sent, byte for byte. */
export interface RecordedCall {
  /** What the user had typed, in short. */
  readonly command: string;
  readonly request: string;
  /** What kind of file each descriptor was that came with it: `null` is /dev/null. */
  readonly files: readonly string[];
  /** None: the client had left before. */
  readonly reply?: string;
  /** What the process that it started wrote. */
  readonly writes?: string;
}

/** The calls of one sandbox, in their order. */
export interface RecordedLife {
  readonly about: string;
  /** Its id then. */
  readonly sandbox: string;
  /** The state that it is in before the first call: `created` or `running`. */
  readonly begins: string;
  /** What its root container's shell does. */
  readonly script: string;
  readonly calls: readonly RecordedCall[];
}

export const lives2019: readonly RecordedLife[] = recorded2019.lives;
export const calls2019: readonly RecordedCall[] = lives2019.flatMap(({ calls }) => calls);
export const lives2022: readonly RecordedLife[] = recorded2022.lives;
/** Of equal requests one. */
export const requests2022: readonly { readonly request: string; readonly files: number }[] =
  recorded2022.calls;

/** The method that a request asks for. */
export function methodOf(request: string): string {
  return /^\{"method":"([^"]*)"/.exec(request)?.[1] ?? '';
}
