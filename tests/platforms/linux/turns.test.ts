import test from 'ava';
import { takeTurn } from '../../../platforms/linux/runc/turns.ts';
import { soon } from './support/sandbox.ts';

test('turns are bounded, taken in order, and given up when aborted', async (t) => {
  const held = await Promise.all(Array.from({ length: 32 }, () => takeTurn(soon())));
  const order: string[] = [];
  const first = takeTurn(soon()).then((end) => {
    order.push('first');
    return end;
  });
  const controller = new AbortController();
  const second = takeTurn(controller.signal);
  const third = takeTurn(soon()).then((end) => {
    order.push('third');
    return end;
  });
  controller.abort();
  t.is(await second, undefined);
  t.deepEqual(order, []);
  held[0]?.();
  (await first)?.();
  (await third)?.();
  t.deepEqual(order, ['first', 'third']);
  for (const end of held.slice(1)) end?.();
  t.is(typeof (await takeTurn(soon())), 'function');
});
