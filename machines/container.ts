import { containerSetup } from './container-setup.ts';

/**
 * A container's life. Public states are OCI's, plus those that lie beyond it (see machines/public-state.ts);
 * between them stand states tagged `busy`, each with a way out when its work fails and when its deadline passes.
 *
 * ```
 * registered --create-->  creating  --done-->    created    (with `start` set: on to starting)
 *                         creating  --fails-->   registered (deadline, asker has gone: destroying)
 * created    --start-->   starting  --done-->    running
 *                         starting  --fails-->   created    (deadline: destroying)
 * running    --pause-->   pausing   --done-->    paused     --resume--> resuming --done--> running
 *                         pausing   --fails-->   running    (deadline: resuming)
 *                                                           resuming --fails--> paused
 * running    --suspend--> holding   --frozen-->  paused     --thawed--> running
 * registered, created --restore--> restoring --loaded--> restored --thawed--> running, or paused as it was saved
 *                                   (deadline: destroying)
 * created, paused --checkpointed--> checkpointed
 * created, running, paused, restored --exited--> stopped
 * any but destroyed --destroy--> destroying --done--> destroyed
 *                                destroying --fails--> leaking --destroy--> destroying
 * ```
 *
 * The chart does no I/O: the four invoked actors (create, start, freeze, thaw, destroy) and the deadlines are
 * provided by actors/. An exit may be reported in any state; it is kept at once, whoever waits is told at once,
 * and the chart moves to `stopped` from the next state that is not busy: work under way is never torn.
 */
export const containerMachine = containerSetup.createMachine({
  id: 'container',
  description: 'One container of a sandbox.',
  context: ({ input }) => ({
    cid: input.cid,
    isRoot: input.isRoot,
    asking: undefined,
    destroying: [],
    waiters: [],
    operations: [],
    thenStart: false,
    pausedAlone: false,
    pausedBySandbox: false,
    status: undefined,
    oomKills: 0,
  }),
  initial: 'registered',
  on: {
    exited: { actions: ['keepStatus', 'tellWaiters'] },
    oomKilled: { actions: 'countOom' },
    settled: { actions: 'endOperation' },
    cancel: { actions: 'forget' },
    frozen: { actions: 'sandboxFroze' },
    thawed: { actions: 'sandboxThawed' },
    destroy: { target: '.destroying', actions: ['overtake', 'addDestroyer'] },
  },
  states: {
    registered: {
      description: 'The id is taken; there is no container yet. OCI: creating.',
      tags: ['unstarted'],
      on: {
        create: { target: 'creating', actions: 'ask' },
        restore: { target: 'restoring', actions: 'ask' },
      },
    },
    creating: {
      description: 'The platform makes the container and an init that waits.',
      tags: ['busy', 'unstarted'],
      invoke: {
        id: 'create',
        src: 'create',
        input: ({ context }) => ({ cid: context.cid, request: context.asking }),
        onDone: [
          { guard: 'startFollows', target: 'starting' },
          { target: 'created', actions: 'reply' },
        ],
        onError: { target: 'registered', actions: 'fail' },
      },
      on: {
        cancel: [{ guard: 'askerHasGone', target: 'destroying', actions: 'forget' }, { actions: 'forget' }],
      },
      after: {
        creating: { target: 'destroying', actions: { type: 'failLate', params: { state: 'creating' } } },
      },
    },
    created: {
      description: 'Resources are made and an init waits; the user program has not started.',
      tags: ['alive', 'unstarted'],
      always: { guard: 'hasExited', target: 'stopped' },
      on: {
        start: { target: 'starting', actions: 'ask' },
        restore: { target: 'restoring', actions: 'ask' },
        checkpointed: 'checkpointed',
        signal: { actions: 'beginOperation' },
        inspect: { actions: 'beginOperation' },
      },
    },
    starting: {
      description: 'The user program is being started. One that ends at once is no failure to start.',
      tags: ['busy', 'alive'],
      invoke: {
        id: 'start',
        src: 'start',
        input: ({ context }) => ({ cid: context.cid, request: context.asking }),
        onDone: { target: 'running', actions: 'reply' },
        onError: { target: 'created', actions: ['fail', 'failWaiters'] },
      },
      on: {
        wait: { actions: 'addWaiter' },
        signal: { actions: 'beginOperation' },
        inspect: { actions: 'beginOperation' },
      },
      after: {
        starting: {
          target: 'destroying',
          actions: [{ type: 'failLate', params: { state: 'starting' } }, 'failWaiters'],
        },
      },
    },
    running: {
      description: 'The user program runs.',
      tags: ['alive'],
      always: { guard: 'hasExited', target: 'stopped' },
      on: {
        pause: { target: 'pausing', actions: 'ask' },
        suspend: { target: 'holding', actions: 'ask' },
        exec: { actions: 'beginOperation' },
        signal: { actions: 'beginOperation' },
        inspect: { actions: 'beginOperation' },
        wait: { actions: 'addWaiter' },
      },
    },
    pausing: {
      description: 'The container is being frozen alone.',
      tags: ['busy', 'alive'],
      initial: 'draining',
      on: {
        signal: { actions: 'beginOperation' },
        inspect: { actions: 'beginOperation' },
        wait: { actions: 'addWaiter' },
      },
      after: { pausing: { target: 'resuming', actions: { type: 'failLate', params: { state: 'pausing' } } } },
      states: {
        draining: {
          description: 'Execs under way come to their end first: a runtime frozen in mid-exec would hang.',
          always: { guard: 'noExecs', target: 'freezing' },
        },
        freezing: {
          description: 'The platform stops every process.',
          invoke: {
            id: 'freeze',
            src: 'freeze',
            input: ({ context }) => ({ cid: context.cid, request: context.asking }),
            onDone: [
              { guard: 'hasExited', target: '#container.stopped', actions: 'failEnded' },
              { target: '#container.paused', actions: ['markPaused', 'reply'] },
            ],
            onError: { target: '#container.running', actions: 'fail' },
          },
        },
      },
    },
    holding: {
      description:
        'The whole sandbox is being paused: no new exec begins here until it is frozen or released.',
      tags: ['busy', 'alive'],
      initial: 'draining',
      on: {
        signal: { actions: 'beginOperation' },
        inspect: { actions: 'beginOperation' },
        wait: { actions: 'addWaiter' },
        // By a freeze that came first, whoever waits for the stand has it.
        frozen: { target: 'paused', actions: ['sandboxFroze', 'reply'] },
        release: { target: 'running', actions: 'overtake' },
      },
      after: { holding: { target: 'running', actions: { type: 'failLate', params: { state: 'holding' } } } },
      states: {
        draining: {
          description: 'Execs under way come to their end first.',
          always: { guard: 'noExecs', target: 'ready', actions: 'reply' },
        },
        ready: { description: 'May be frozen with the others at any moment.' },
      },
    },
    paused: {
      description: 'Every process stands still.',
      tags: ['alive'],
      always: [
        { guard: 'hasExited', target: 'stopped' },
        { guard: 'notPaused', target: 'running' },
      ],
      on: {
        resume: { guard: 'pausedOnlyAlone', target: 'resuming', actions: 'ask' },
        checkpointed: 'checkpointed',
        signal: { actions: 'beginOperation' },
        inspect: { actions: 'beginOperation' },
        wait: { actions: 'addWaiter' },
      },
    },
    resuming: {
      description: 'The container is being thawed.',
      tags: ['busy', 'alive'],
      on: {
        signal: { actions: 'beginOperation' },
        inspect: { actions: 'beginOperation' },
        wait: { actions: 'addWaiter' },
      },
      invoke: {
        id: 'thaw',
        src: 'thaw',
        input: ({ context }) => ({ cid: context.cid, request: context.asking }),
        onDone: { target: 'running', actions: ['markResumed', 'reply'] },
        onError: { target: 'paused', actions: ['markPaused', 'fail'] },
      },
      after: {
        resuming: {
          target: 'paused',
          actions: ['markPaused', { type: 'failLate', params: { state: 'resuming' } }],
        },
      },
    },
    checkpointed: {
      description: 'Saved with its sandbox; its processes go. OCI: stopped.',
      tags: ['ended'],
      entry: 'failWaitersSaved',
      // That its processes were ended here is not how they ended.
      on: { exited: {} },
    },
    restoring: {
      description: 'The sandbox is being made from a file, this container with it.',
      tags: ['busy', 'unstarted'],
      on: {
        loaded: [
          { guard: 'isLoadedUnstarted', target: 'created', actions: 'reply' },
          { target: 'restored', actions: ['takeSaved', 'reply'] },
        ],
        wait: { actions: 'addWaiter' },
        cancel: { actions: 'forget' },
      },
      after: {
        restoring: {
          target: 'destroying',
          actions: [{ type: 'failLate', params: { state: 'restoring' } }, 'failWaiters'],
        },
      },
    },
    restored: {
      description: 'Its processes are there again and stand still, until the sandbox is thawed. OCI: paused.',
      tags: ['alive'],
      always: { guard: 'hasExited', target: 'stopped' },
      on: {
        thawed: [
          { guard: 'isPausedAlone', target: 'paused', actions: 'sandboxThawed' },
          { target: 'running', actions: 'sandboxThawed' },
        ],
        signal: { actions: 'beginOperation' },
        inspect: { actions: 'beginOperation' },
        wait: { actions: 'addWaiter' },
      },
    },
    stopped: {
      description: 'Init has ended; its status is kept until the container is destroyed.',
      tags: ['ended'],
      entry: 'failEnded',
      on: { wait: { actions: ['addWaiter', 'tellWaiters'] } },
    },
    destroying: {
      description: 'Everything is killed and removed.',
      tags: ['busy', 'ended'],
      invoke: {
        id: 'destroy',
        src: 'destroy',
        input: ({ context }) => ({ cid: context.cid, request: context.destroying[0] }),
        onDone: { target: 'destroyed', actions: 'replyDestroyed' },
        onError: { target: 'leaking', actions: 'failDestroyed' },
      },
      on: {
        destroy: { actions: 'addDestroyer' },
        wait: { actions: 'addWaiter' },
      },
      after: {
        destroying: {
          target: 'leaking',
          actions: { type: 'failDestroyedLate', params: { state: 'destroying' } },
        },
      },
    },
    leaking: {
      description: 'Not everything could be removed; another destroy tries again. OCI: stopped.',
      tags: ['ended'],
      on: {
        wait: [{ guard: 'hasExited', actions: ['addWaiter', 'tellWaiters'] }, { actions: 'addWaiter' }],
      },
    },
    destroyed: { description: 'Nothing is left; final.', tags: ['ended'], type: 'final' },
  },
});
