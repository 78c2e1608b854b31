import { sandboxSetup } from './sandbox-setup.ts';

/**
 * A sandbox's life: what its containers share, and what is done to all of them at once. The root container gives
 * the sandbox its id and its end.
 *
 * ```
 * registered --open-->    opening   --done--> empty       --fails--> destroying
 * empty      --create-->  creating  --done--> created     --fails--> empty       (deadline: destroying)
 * created    --start-->   starting  --done--> running     --fails--> created     (deadline: destroying)
 * running    --pause-->   pausing   --done--> paused      --fails--> resuming
 * paused     --resume-->  resuming  --done--> running     --fails--> paused
 * running, paused --checkpoint--> checkpointing --fails--> running (by resuming) or paused, as it was
 *                    (leaving it running)  --done--> running or paused, as it was
 *                                          --done--> clearing --done--> checkpointed   --fails--> leaking
 * empty, created --restore--> restoring --is refused--> empty or created, as it was
 *                                       --fails-->      destroying
 *                                       --done-->       restored --resume, or at once--> resuming --done--> running
 * created, running, paused, restored --rootEnded--> ending --> stopped
 * any but destroyed --destroy--> destroying --done--> destroyed
 *                                destroying --fails--> leaking --destroy--> destroying
 * ```
 *
 * While it is being paused or saved nothing new begins in any container, and what was under way comes to its end first:
 * a runtime frozen in the middle of its work would hang.
 */
export const sandboxMachine = sandboxSetup.createMachine({
  id: 'sandbox',
  description: 'A group of containers that share namespaces.',
  context: ({ input }) => ({
    sandbox: input.sandbox,
    asking: undefined,
    failure: undefined,
    destroying: [],
    admitted: [],
    rootEnded: false,
    leaveRunning: false,
    hold: false,
    before: 'running',
  }),
  initial: 'registered',
  on: {
    settled: { actions: 'settle' },
    cancel: { actions: 'forget' },
    rootEnded: { actions: 'markRootEnded' },
    destroy: { target: '.destroying', actions: ['overtake', 'addDestroyer'] },
  },
  states: {
    registered: {
      description: 'The id is taken; nothing is made yet.',
      on: { open: { target: 'opening', actions: 'ask' } },
    },
    opening: {
      description: 'The platform makes what the containers will share.',
      tags: ['busy'],
      invoke: {
        id: 'open',
        src: 'open',
        input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
        onDone: { target: 'empty', actions: 'reply' },
        onError: { target: 'destroying', actions: 'fail' },
      },
      after: {
        opening: { target: 'destroying', actions: { type: 'failLate', params: { state: 'opening' } } },
      },
    },
    empty: {
      description: 'There is no root container yet. One that never comes does not leave it so for ever.',
      entry: 'clearRootEnded',
      on: {
        create: { target: 'creating', actions: 'ask' },
        restore: {
          target: 'restoring',
          actions: ['ask', 'askRestore', { type: 'beginFrom', params: { state: 'empty' } }],
        },
        network: { actions: 'admit' },
        // What is left of a root container that could not be created is cleared away here.
        rootEnded: {},
      },
      after: { empty: { target: 'destroying', actions: { type: 'reportLate', params: { doing: 'empty' } } } },
    },
    creating: {
      description: 'The root container is being created.',
      tags: ['busy'],
      invoke: {
        id: 'createRoot',
        src: 'createRoot',
        input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
        onDone: { target: 'created', actions: 'reply' },
        onError: { target: 'empty', actions: 'fail' },
      },
      after: {
        creating: { target: 'destroying', actions: { type: 'failLate', params: { state: 'creating' } } },
      },
    },
    created: {
      description: 'The root container waits for its start. Others may be created beside it.',
      tags: ['alive'],
      always: { guard: 'rootHasEnded', target: 'ending' },
      on: {
        start: { target: 'starting', actions: 'ask' },
        restore: {
          target: 'restoring',
          actions: ['ask', 'askRestore', { type: 'beginFrom', params: { state: 'created' } }],
        },
        'container.create': { actions: 'admit' },
        network: { actions: 'admit' },
      },
    },
    starting: {
      description: "The root container's program is being started.",
      tags: ['busy', 'alive'],
      invoke: {
        id: 'startRoot',
        src: 'startRoot',
        input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
        onDone: { target: 'running', actions: 'reply' },
        onError: { target: 'created', actions: 'fail' },
      },
      on: { 'container.create': { actions: 'admit' }, network: { actions: 'admit' } },
      after: {
        starting: { target: 'destroying', actions: { type: 'failLate', params: { state: 'starting' } } },
      },
    },
    running: {
      description: "The root container's program runs.",
      tags: ['alive'],
      always: { guard: 'rootHasEnded', target: 'ending' },
      on: {
        pause: { target: 'pausing', actions: 'ask' },
        checkpoint: {
          target: 'checkpointing',
          actions: ['ask', 'askCheckpoint', { type: 'beginFrom', params: { state: 'running' } }],
        },
        'container.create': { actions: 'admit' },
        'container.start': { actions: 'admit' },
        'container.pause': { actions: 'admit' },
        'container.resume': { actions: 'admit' },
        network: { actions: 'admit' },
      },
    },
    pausing: {
      description: 'All containers are being frozen at one instant.',
      tags: ['busy', 'alive'],
      initial: 'draining',
      after: { pausing: { target: 'resuming', actions: { type: 'keepLate', params: { state: 'pausing' } } } },
      states: {
        draining: {
          description: 'Changes of single containers and of the network come to their end first.',
          always: { guard: 'nothingAdmitted', target: 'holding' },
        },
        holding: {
          description: 'Every running container lets its execs come to their end and begins no other.',
          invoke: {
            id: 'hold',
            src: 'hold',
            input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
            onDone: 'freezing',
            onError: { target: '#sandbox.resuming', actions: 'keepFailure' },
          },
        },
        freezing: {
          description: 'The platform stops every process of every container.',
          invoke: {
            id: 'freeze',
            src: 'freeze',
            input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
            onDone: { target: '#sandbox.paused', actions: 'reply' },
            onError: { target: '#sandbox.resuming', actions: 'keepFailure' },
          },
        },
      },
    },
    paused: {
      description: 'Every process stands still.',
      tags: ['alive'],
      always: { guard: 'rootHasEnded', target: 'ending' },
      on: {
        resume: { target: 'resuming', actions: 'ask' },
        checkpoint: {
          target: 'checkpointing.dumping',
          actions: ['ask', 'askCheckpoint', { type: 'beginFrom', params: { state: 'paused' } }],
        },
      },
    },
    resuming: {
      description:
        'All containers are being thawed; after a pause or checkpoint that failed, to where they were, which is told then.',
      tags: ['busy', 'alive'],
      invoke: {
        id: 'thaw',
        src: 'thaw',
        input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
        onDone: { target: 'running', actions: 'answer' },
        onError: { target: 'paused', actions: ['fail', { type: 'report', params: { doing: 'resuming' } }] },
      },
      after: {
        resuming: { target: 'paused', actions: { type: 'failLate', params: { state: 'resuming' } } },
      },
    },
    checkpointing: {
      description: 'The sandbox is being saved: it stands still until all is dumped.',
      tags: ['busy', 'alive'],
      initial: 'draining',
      on: { cancel: { actions: 'forget' } },
      after: {
        checkpointing: [
          {
            guard: 'wasPaused',
            target: 'paused',
            actions: { type: 'failLate', params: { state: 'checkpointing' } },
          },
          { target: 'resuming', actions: { type: 'keepLate', params: { state: 'checkpointing' } } },
        ],
      },
      states: {
        draining: {
          description: 'Changes of single containers and of the network come to their end first.',
          always: { guard: 'nothingAdmitted', target: 'holding' },
          on: { cancel: { guard: 'askerHasGone', target: '#sandbox.resuming', actions: 'forget' } },
        },
        holding: {
          description: 'Every running container lets its execs come to their end and begins no other.',
          on: { cancel: { guard: 'askerHasGone', target: '#sandbox.resuming', actions: 'forget' } },
          invoke: {
            id: 'hold',
            src: 'hold',
            input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
            onDone: 'freezing',
            onError: { target: '#sandbox.resuming', actions: 'keepFailure' },
          },
        },
        freezing: {
          description: 'The platform stops every process of every container at one instant.',
          on: { cancel: { guard: 'askerHasGone', target: '#sandbox.resuming', actions: 'forget' } },
          invoke: {
            id: 'freeze',
            src: 'freeze',
            input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
            onDone: 'dumping',
            onError: { target: '#sandbox.resuming', actions: 'keepFailure' },
          },
        },
        dumping: {
          description: 'The platform saves memory and files of what stands still..',
          invoke: {
            id: 'dump',
            src: 'dump',
            input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
            onDone: [
              { guard: 'goesOnAtOnce', target: 'thawing' },
              { guard: 'goneOfPaused', target: '#sandbox.paused' },
              { guard: 'gone', target: '#sandbox.resuming' },
              { target: 'writing' },
            ],
            onError: [
              { guard: 'wasPaused', target: '#sandbox.paused', actions: 'fail' },
              { target: '#sandbox.resuming', actions: 'keepFailure' },
            ],
          },
        },
        thawing: {
          description: 'All is dumped: what is left running goes on before the file is written.',
          invoke: {
            id: 'thaw',
            src: 'thaw',
            input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
            onDone: [{ guard: 'gone', target: '#sandbox.running' }, { target: 'writing' }],
            onError: {
              target: '#sandbox.paused',
              actions: ['fail', { type: 'report', params: { doing: 'resuming' } }],
            },
          },
        },
        writing: {
          description: 'What was dumped is written to the file of whoever asked; who has gone needs none.',
          always: [
            { guard: 'goneAfterThaw', target: '#sandbox.running' },
            { guard: 'goneOfPaused', target: '#sandbox.paused' },
            { guard: 'gone', target: '#sandbox.resuming' },
          ],
          invoke: {
            id: 'write',
            src: 'write',
            input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
            onDone: [
              { guard: 'goesOnAtOnce', target: '#sandbox.running', actions: 'reply' },
              { guard: 'leavesRunning', target: '#sandbox.paused', actions: 'reply' },
              { target: '#sandbox.clearing' },
            ],
            onError: [
              { guard: 'goesOnAtOnce', target: '#sandbox.running', actions: 'fail' },
              { guard: 'wasPaused', target: '#sandbox.paused', actions: 'fail' },
              { target: '#sandbox.resuming', actions: 'keepFailure' },
            ],
          },
        },
      },
    },
    clearing: {
      description: 'The file is complete: the processes go.',
      tags: ['busy'],
      // Whoever waited for a program hears that it goes, and may clear away at once: the file is complete all the same.
      on: { destroy: { target: 'destroying', actions: ['reply', 'addDestroyer'] } },
      invoke: {
        id: 'clear',
        src: 'clear',
        input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
        onDone: { target: 'checkpointed', actions: 'reply' },
        onError: { target: 'leaking', actions: ['fail', { type: 'report', params: { doing: 'clearing' } }] },
      },
      after: {
        clearing: { target: 'leaking', actions: { type: 'failLate', params: { state: 'clearing' } } },
      },
    },
    checkpointed: {
      description:
        'Saved, its processes gone; it comes back from the file, here after a destroy or elsewhere.',
      tags: ['ended'],
    },
    restoring: {
      description: 'The sandbox is being made from a file.',
      tags: ['busy'],
      initial: 'staging',
      after: {
        restoring: { target: 'destroying', actions: { type: 'failLate', params: { state: 'restoring' } } },
      },
      states: {
        staging: {
          description: 'The whole file is read and verified; nothing is touched yet.',
          invoke: {
            id: 'stage',
            src: 'stage',
            input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
            onDone: 'draining',
            onError: [
              { guard: 'wasCreated', target: '#sandbox.created', actions: 'fail' },
              { target: '#sandbox.empty', actions: 'fail' },
            ],
          },
          on: {
            cancel: [
              { guard: 'askerHasGoneOfCreated', target: '#sandbox.created', actions: 'forget' },
              { guard: 'askerHasGone', target: '#sandbox.empty', actions: 'forget' },
              { actions: 'forget' },
            ],
          },
        },
        draining: {
          description: 'Changes of single containers and of the network come to their end first.',
          always: { guard: 'nothingAdmitted', target: 'loading' },
        },
        loading: {
          description: 'The platform makes the containers, which stand still.',
          invoke: {
            id: 'load',
            src: 'load',
            input: ({ context }) => ({ sandbox: context.sandbox, request: context.asking }),
            onDone: [
              { guard: 'holds', target: '#sandbox.restored', actions: 'reply' },
              { target: '#sandbox.resuming' },
            ],
            onError: { target: '#sandbox.destroying', actions: 'fail' },
          },
          on: {
            cancel: [
              { guard: 'askerHasGone', target: '#sandbox.destroying', actions: 'forget' },
              { actions: 'forget' },
            ],
          },
        },
      },
    },
    restored: {
      description: 'Every process is there again and stands still.',
      tags: ['alive'],
      always: { guard: 'rootHasEnded', target: 'ending' },
      on: { resume: { target: 'resuming', actions: 'ask' }, network: { actions: 'admit' } },
    },
    ending: {
      description: 'The root container has ended: the others are killed, as in the original.',
      tags: ['busy', 'ended'],
      entry: 'failEnded',
      invoke: {
        id: 'end',
        src: 'end',
        input: ({ context }) => ({ sandbox: context.sandbox, request: undefined }),
        onDone: 'stopped',
        onError: { target: 'stopped', actions: { type: 'report', params: { doing: 'ending' } } },
      },
      after: {
        ending: { target: 'stopped', actions: { type: 'reportLate', params: { doing: 'ending' } } },
      },
    },
    stopped: {
      description: 'Nothing runs; exit statuses are kept until the sandbox is destroyed.',
      tags: ['ended'],
    },
    destroying: {
      description:
        'Everything is killed and removed: other containers first, the root container, what was shared.',
      tags: ['busy', 'ended'],
      invoke: {
        id: 'destroy',
        src: 'destroy',
        input: ({ context }) => ({ sandbox: context.sandbox, request: context.destroying[0] }),
        onDone: { target: 'destroyed', actions: 'replyDestroyed' },
        onError: { target: 'leaking', actions: 'failDestroyed' },
      },
      on: { destroy: { actions: 'addDestroyer' } },
      after: { destroying: { target: 'leaking', actions: 'failDestroyedLate' } },
    },
    leaking: {
      description: 'Not everything could be removed; another destroy tries again.',
      tags: ['ended'],
    },
    destroyed: { description: 'Nothing is left; final.', tags: ['ended'], type: 'final' },
  },
});
