/**
 * The chart of a connection (machines/connection.ts) at work. An actor for each connection would cost more memory
 * and time than the connection itself, and the chart has no context: so its transitions are read off it once, and a
 * connection holds the name of its state.
 */
import { transition, type EventFrom, type StateValueFrom } from 'xstate';
import { connectionMachine } from '../../machines/connection.ts';

export type ConnectionState = StateValueFrom<typeof connectionMachine>;
export type ConnectionEvent = EventFrom<typeof connectionMachine>['type'];

const states: readonly ConnectionState[] = ['idle', 'processing', 'closeRequested', 'closed'];
const events: readonly ConnectionEvent[] = ['request', 'replied', 'closeRequested', 'hangup'];

const transitions = new Map<ConnectionState, ReadonlyMap<ConnectionEvent, ConnectionState>>(
  states.map((value) => {
    const from = connectionMachine.resolveState({ value });
    return [
      value,
      new Map(events.map((type) => [type, transition(connectionMachine, from, { type })[0].value])),
    ];
  }),
);

/** The state after the event; the same one where the chart does not take it. */
export function nextState(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  return transitions.get(state)?.get(event) ?? state;
}
