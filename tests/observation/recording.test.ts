/** Going back in what was observed. */
import test from 'ava';
import { KnownSandbox } from '../../observation/known-sandbox.ts';
import { Recording } from '../../observation/recording.ts';
import type { Observation } from '../../observation/types.ts';
import { begins, moved, snapshot } from './support.ts';

/** A life of many containers, so that each moment differs from all others. */
function* lives(count: number): Generator<Observation> {
  yield snapshot;
  for (let i = 0; i < count; i++) {
    yield begins('container', `c${i}`, 'creating');
    yield moved('container', `c${i}`, 'creating', 'created');
    if (i >= 3) yield moved('container', `c${i - 3}`, 'created', 'destroyed');
  }
}

test('everything is as it was after any observation that is kept', (t) => {
  const recording = new Recording();
  const straight = new KnownSandbox();
  const then = new Map<number, unknown>();
  for (const one of lives(500)) {
    straight.take(one);
    then.set(recording.take(one), straight.snapshot);
  }
  t.is(recording.end, then.size);
  for (const [number, expected] of then) t.deepEqual(recording.after(number), expected);
  t.deepEqual(recording.now, recording.after(recording.end - 1));
});

test('the oldest are let go, and what is kept can still be gone back to', (t) => {
  const recording = new Recording(1000);
  const straight = new KnownSandbox();
  const then = new Map<number, unknown>();
  for (const one of lives(2000)) {
    straight.take(one);
    then.set(recording.take(one), straight.snapshot);
    t.true(recording.observations.length <= 1001);
  }
  t.true(recording.first > 4000);
  t.is(recording.after(recording.first - 1), undefined);
  for (let number = recording.first; number < recording.end; number++)
    t.deepEqual(recording.after(number), then.get(number));
});

test('what it gives whole makes another that is the same', (t) => {
  const recording = new Recording(1000);
  for (const one of lives(900)) recording.take(one);
  const other = new Recording();
  for (const one of recording.whole()) other.take(one);
  t.deepEqual(other.now, recording.now);
  const back = recording.end - 1 - recording.first;
  for (const steps of [0, 1, 7, back]) {
    const [a, b] = [recording.after(recording.end - 1 - steps), other.after(other.end - 1 - steps)];
    t.deepEqual(a, b, `${steps} steps back`);
  }
});

test('before anything was told nothing is known', (t) => {
  const recording = new Recording();
  t.is(recording.now, undefined);
  t.is(recording.after(0), undefined);
  recording.take(moved('container', 'c', 'created', 'running'));
  t.is(recording.now, undefined);
});
