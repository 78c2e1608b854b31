import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { RunstateError, messageOf } from '../../errors/index.ts';
import { controlActions, type ControlRequest } from './source.ts';

const schema = v.strictObject({
  action: v.picklist(controlActions),
  cid: v.string(),
  signal: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64))),
  level: v.optional(v.string()),
});

/** In bytes. */
const most = 10_000;

/** Reads what a page asks for. @throws RunstateError USAGE */
export async function readControlRequest(request: IncomingMessage): Promise<ControlRequest> {
  // A form of another site cannot send this.
  if (request.headers['content-type'] !== 'application/json') throw usage('it is not application/json');
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > most) throw usage('it is too long');
  }
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (error) {
    throw usage(messageOf(error));
  }
}

const usage = (why: string): RunstateError =>
  new RunstateError('USAGE', { why: `request for a change: ${why}` });
