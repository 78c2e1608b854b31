import { performance } from 'node:perf_hooks';
import type { Arg, CallOptions, ControlClient, MethodName, Result } from '../../transport/client/index.ts';
import type { Narrator } from './narrator.ts';

/** Calls the sandbox's methods and tells of it. */
export class Guide {
  readonly narrator: Narrator;
  readonly #client: ControlClient;

  constructor(client: ControlClient, narrator: Narrator) {
    this.#client = client;
    this.narrator = narrator;
  }

  /** With `shown` in the place of the argument, and what `reply` makes of the result in the place of that. */
  async call<M extends MethodName>(
    method: M,
    arg: Arg<M>,
    options: CallOptions & { readonly shown?: string; readonly reply?: (result: Result<M>) => string } = {},
  ): Promise<Result<M>> {
    const { shown, reply, ...rest } = options;
    this.narrator.request(method, shown ?? (arg === null ? '' : show(arg)));
    const begun = performance.now();
    const result = await this.#client.call(method, arg, rest);
    this.narrator.reply(method, reply?.(result) ?? show(result), performance.now() - begun);
    return result;
  }
}

const longest = 100;

function show(value: unknown): string {
  if (value === null || value === undefined) return 'done';
  const text = JSON.stringify(value, (_name, one: unknown) => (typeof one === 'bigint' ? Number(one) : one));
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
