import test from 'ava';
import { createActor } from 'xstate';
import { processMachine } from '../../machines/process.ts';

const begin = () => {
  const actor = createActor(processMachine, { input: { cid: 'c', pid: 7 } });
  const replies: string[] = [];
  actor.on('reply', (reply) => replies.push(`${reply.id}=${String(reply.result)}`));
  actor.start();
  return { actor, replies };
};

test('all who wait when it ends get the status', (t) => {
  const { actor, replies } = begin();
  actor.send({ type: 'wait', id: 'a' });
  actor.send({ type: 'wait', id: 'b' });
  actor.send({ type: 'exited', status: 3 });
  t.deepEqual(replies, ['a=3', 'b=3']);
  t.is(actor.getSnapshot().value, 'reaped');
});

test('the first who asks after the end gets it, and nobody after', (t) => {
  const { actor, replies } = begin();
  actor.send({ type: 'exited', status: 3 });
  t.is(actor.getSnapshot().value, 'ended');
  actor.send({ type: 'wait', id: 'a' });
  t.deepEqual(replies, ['a=3']);
  t.is(actor.getSnapshot().status, 'done');
});

test('a waiter that has gone leaves the status to others', (t) => {
  const { actor, replies } = begin();
  actor.send({ type: 'wait', id: 'a' });
  actor.send({ type: 'cancel', id: 'a' });
  actor.send({ type: 'exited', status: 3 });
  t.deepEqual(replies, []);
  t.is(actor.getSnapshot().value, 'ended');
});
