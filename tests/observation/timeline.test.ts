/** Calls with what came of them. */
import test from 'ava';
import { Timeline } from '../../observation/timeline.ts';
import type { CallObservation, Observation, StepObservation } from '../../observation/types.ts';
import { moved } from './support.ts';

const call = (phase: CallObservation['phase'], correlation: string, at: number): CallObservation => ({
  ...{ type: 'call', at, phase, method: 'containerManager.Pause', correlation },
  ...(phase === 'began' ? {} : { duration: 5 }),
  ...(phase === 'failed' ? { error: 'no' } : {}),
});

const step = (phase: StepObservation['phase'], correlation?: string): StepObservation => ({
  ...{ type: 'step', at: 1, phase, number: 1, name: 'freeze', id: '', correlation },
});

function timelineOf(...all: readonly Observation[]): Timeline {
  const timeline = new Timeline();
  all.forEach((one, index) => timeline.take(one, index));
  return timeline;
}

test('what a call does belongs to it, until it has ended', (t) => {
  const { rows } = timelineOf(
    call('began', 'a', 1),
    call('began', 'b', 2),
    moved('sandbox', 'web', 'running', 'pausing', 'a'),
    step('began', 'a'),
    step('succeeded', 'a'),
    call('succeeded', 'a', 9),
    moved('container', 'web', 'running', 'stopped', 'a'),
    call('failed', 'b', 10),
  );
  t.like(rows, [
    { type: 'span', correlation: 'a', outcome: 'succeeded', duration: 5, number: 0, last: 5, until: 9 },
    { type: 'span', correlation: 'b', outcome: 'failed', error: 'no', parts: [] },
    { type: 'moment', number: 6 },
  ]);
  t.is(rows[0]?.type === 'span' ? rows[0].parts.length : 0, 3);
});

test('what nobody asked for stands alone; a step of the platform only when it failed', (t) => {
  const { rows } = timelineOf(
    moved('process', 'web/7', 'running', 'ended'),
    step('began'),
    step('succeeded'),
    step('failed'),
    { type: 'note', at: 5, text: 'look' },
    { type: 'dropped', at: 6, count: 3 },
    // Begun before anybody watched.
    call('succeeded', 'z', 7),
  );
  t.deepEqual(
    rows.map((row) => row.number),
    [0, 3, 4, 5],
  );
});

test('rows that were over are let go, one that goes on is not', (t) => {
  const timeline = timelineOf(
    call('began', 'a', 1),
    { type: 'note', at: 2, text: 'old' },
    call('began', 'b', 3),
    call('began', 'waits', 3),
    call('succeeded', 'a', 4),
    { type: 'note', at: 5, text: 'new' },
    call('succeeded', 'b', 6),
  );
  timeline.letGo(5);
  t.deepEqual(
    timeline.rows.map((row) => (row.type === 'span' ? row.correlation : row.number)),
    ['b', 'waits', 5],
  );
});
