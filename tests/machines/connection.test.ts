import test from 'ava';
import { createActor } from 'xstate';
import { connectionMachine } from '../../machines/connection.ts';

const after = (...events: ('request' | 'replied' | 'closeRequested' | 'hangup')[]): string => {
  const actor = createActor(connectionMachine).start();
  for (const type of events) actor.send({ type });
  return actor.getSnapshot().value;
};

test('a connection processes one call at a time', (t) => {
  t.is(after('request'), 'processing');
  t.is(after('request', 'replied'), 'idle');
  const actor = createActor(connectionMachine).start();
  actor.send({ type: 'request' });
  t.false(actor.getSnapshot().can({ type: 'request' }));
});

test('asked to close, a running call ends first', (t) => {
  t.is(after('closeRequested'), 'closed');
  t.is(after('request', 'closeRequested'), 'closeRequested');
  t.is(after('request', 'closeRequested', 'replied'), 'closed');
});

test('a peer that hangs up closes it from any state', (t) => {
  t.is(after('hangup'), 'closed');
  t.is(after('request', 'hangup'), 'closed');
  t.is(after('request', 'closeRequested', 'hangup'), 'closed');
});
