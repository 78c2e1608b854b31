import { setup } from 'xstate';

/**
 * The life of one client connection of a control server, as in the original's urpc server: a connection is idle
 * between calls, processes one call at a time, and, asked to close, lets a running call end first.
 *
 * ```
 * idle           --request-->         processing
 * idle           --closeRequested-->  closed
 * processing     --replied-->         idle
 * processing     --closeRequested-->  closeRequested
 * closeRequested --replied-->         closed
 * any            --hangup-->          closed
 * ```
 */
export const connectionMachine = setup({
  types: {
    events: {} as
      | { readonly type: 'request' }
      | { readonly type: 'replied' }
      | { readonly type: 'closeRequested' }
      | { readonly type: 'hangup' },
  },
}).createMachine({
  id: 'connection',
  description: 'One client connection of a control server.',
  initial: 'idle',
  on: { hangup: { target: '.closed' } },
  states: {
    idle: {
      description: 'No call is running; the next request is awaited.',
      on: { request: { target: 'processing' }, closeRequested: { target: 'closed' } },
    },
    processing: {
      description: 'A call is running. The next request is read only after its reply.',
      tags: ['busy'],
      on: { replied: { target: 'idle' }, closeRequested: { target: 'closeRequested' } },
    },
    closeRequested: {
      description: 'The server stops: the running call may end, then the connection closes.',
      tags: ['busy'],
      on: { replied: { target: 'closed' } },
    },
    closed: { description: 'Gone; final.', type: 'final' },
  },
});
