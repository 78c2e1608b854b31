/** Work that has to end: also when nobody but a timer holds what ends it. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as after } from 'node:timers/promises';
import test from 'ava';
import { TimeLimit } from '../../actors/time-limit.ts';
import { within } from '../../actors/operations/within.ts';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** Several times, as what is held weakly goes at one of them. */
async function collectGarbage(): Promise<void> {
  if (typeof collect !== 'function') throw new Error('there is no gc');
  for (let i = 0; i < 5; i++) {
    await after(10);
    Reflect.apply(collect, undefined, []);
  }
}

const forever = (): Promise<never> => new Promise(() => undefined);

test('the time is up, also after a garbage collection', async (t) => {
  const limited = async (): Promise<void> => {
    using limit = new TimeLimit(200, new AbortController().signal);
    await within(limit.signal, forever);
  };
  const ended = t.throwsAsync(limited(), { name: 'TimeoutError' });
  await collectGarbage();
  await ended;
});

test('the other signal counts too, with its reason, before and later', async (t) => {
  const outer = new AbortController();
  using limit = new TimeLimit(60_000, outer.signal);
  t.false(limit.signal.aborted);
  outer.abort(new Error('gone'));
  t.like(limit.signal.reason, { message: 'gone' });
  t.false(limit.isOver);
  using late = new TimeLimit(60_000, outer.signal);
  t.true(late.signal.aborted);
  await t.throwsAsync(within(late.signal, forever), { message: 'gone' });
});

test('what is over before leaves nothing behind', (t) => {
  const outer = new AbortController();
  const limit = new TimeLimit(1, outer.signal);
  limit[Symbol.dispose]();
  outer.abort();
  t.false(limit.signal.aborted);
});
