/** The charts, gone through to the end; and that what goes through them finds what is wrong. */
import test from 'ava';
import { assign, enqueueActions } from 'xstate';
import { containerMachine } from '../../machines/index.ts';
import { explore } from '../../verify/charts/explore.ts';
import { subjects } from '../../verify/charts/subjects.ts';
import type { Subject } from '../../verify/charts/subject.ts';

for (const [name, subject] of Object.entries(subjects))
  test(`${name}: every edge is taken, every request is answered once, and everything can be ended`, (t) => {
    const { known, edges, violations } = explore(subject);
    t.deepEqual(violations, []);
    t.deepEqual(
      [...known].filter((edge) => !edges.has(edge)),
      [],
    );
  });

const container = (machine: typeof containerMachine): Subject => {
  const { container: subject } = subjects;
  if (subject === undefined) throw new Error('there is no container');
  return { ...subject, machine };
};

const nothing = (): void => undefined;

for (const [what, machine, finding] of [
  [
    'a reply that is forgotten',
    containerMachine.provide({ actions: { reply: nothing } }),
    /was not answered/,
  ],
  [
    'a failure that is told twice',
    containerMachine.provide({
      actions: {
        fail: enqueueActions(({ context, enqueue }) => {
          const reason = { kind: 'ended' } as const;
          if (context.asking === undefined) return;
          enqueue.emit({ type: 'failure', id: context.asking, reason });
          enqueue.emit({ type: 'failure', id: context.asking, reason });
        }),
      },
    }),
    /was answered already/,
  ],
  [
    'a status that a later exit changes',
    containerMachine.provide({
      actions: { keepStatus: assign({ status: () => ({}) }) },
    }),
    /a status that was known has changed/,
  ],
  [
    'a destroy that is forgotten',
    containerMachine.provide({ actions: { addDestroyer: nothing } }),
    /was not answered/,
  ],
] as const)
  test(`it finds ${what}`, (t) => {
    const { violations } = explore(container(machine), 1);
    t.is(violations.length, 1);
    t.regex(violations[0]?.what ?? '', finding);
    t.log(violations[0]?.path.join(' '));
  });
