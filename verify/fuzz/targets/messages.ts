import { isDeepStrictEqual } from 'node:util';
import { defaultSpec } from '../../../oci/index.ts';
import {
  Fraction,
  JsonReader,
  WireObject,
  encode,
  type Read,
  type WireValue,
} from '../../../transport/codec/index.ts';
import { DecodeError } from '../../../transport/decode/index.ts';
import { isMethodName, methods } from '../../../transport/methods/index.ts';
import { readRequest } from '../../../transport/server/dispatch.ts';
import type { Target } from '../target.ts';

const requests: readonly object[] = [
  { method: 'containerManager.Wait', arg: 'c1' },
  { method: 'containerManager.WaitPID', arg: { PID: 12, CID: 'c1', ClearStatus: true } },
  { method: 'containerManager.Signal', arg: { CID: 'c1', Signo: 15, PID: 0, Mode: 1 } },
  { method: 'containerManager.Checkpoint', arg: { key: null, metadata: { a: 'b' } } },
  { method: 'runstate.Start', arg: { CID: 'c1' } },
  {
    method: 'Network.CreateLinksAndRoutes',
    arg: { LoopbackLinks: [], FDBasedLinks: null, DefaultGateway: {} },
  },
  {
    method: 'runstate.Execute',
    arg: { CID: 'c', Process: { args: ['sh'], cwd: '/', user: {} }, ConsoleSocket: '' },
  },
  {
    method: 'runstate.Create',
    arg: { CID: 'c', Bundle: '/', Spec: defaultSpec({ args: ['sh'], rootfs: '/' }), ConsoleSocket: '' },
  },
];

/** urpc's bytes, as a server reads them: values, requests, arguments. */
export const messages: Target = {
  name: 'messages',
  seeds: () => Promise.resolve(requests.map((one) => Buffer.from(encode(one)))),
  open: () => Promise.resolve({ read, close: () => Promise.resolve() }),
};

function read(input: Buffer): void {
  const whole = readIn(input, input.length);
  for (const size of [1, 7]) {
    const pieces = readIn(input, size);
    if (!isDeepStrictEqual(pieces, whole)) throw new Error(`in pieces of ${size} bytes it is read otherwise`);
  }
  for (const one of whole) if (one.kind === 'value') check(one.value);
}

function readIn(input: Buffer, size: number): readonly Read[] {
  const reader = new JsonReader();
  const found: Read[] = [];
  for (let at = 0; at < input.length; at += Math.max(1, size))
    found.push(...reader.push(input.subarray(at, at + Math.max(1, size))));
  return found;
}

/** As it came, duplicates and all. */
function textOf(value: WireValue): string {
  if (value instanceof Fraction) return value.text;
  if (value instanceof WireObject) {
    const fields = value.names.map((name, i) => `${encode(name)}:${textOf(value.values[i] ?? null)}`);
    return `{${fields.join()}}`;
  }
  return typeof value === 'object' && value !== null ? `[${value.map(textOf).join()}]` : encode(value);
}

function check(value: Extract<Read, { kind: 'value' }>['value']): void {
  const text = textOf(value);
  const [again] = new JsonReader().push(Buffer.from(`${text} `));
  if (again?.kind !== 'value' || !isDeepStrictEqual(again.value, value))
    throw new Error(`it is not what it was: ${text}`);
  const request = readRequest(value);
  if (request instanceof Error || !isMethodName(request.method) || request.arg === undefined) return;
  try {
    methods[request.method].arg.decode(request.arg);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}
