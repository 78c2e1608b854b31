import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { askFor, type Change } from './api.ts';
import { ageText } from './text.ts';
import { useModel } from './use-model.ts';

/** What the chosen chart would take now, and for the rest why not. */
export function Events(): VNode {
  const model = useModel();
  const { detail, chosen } = model;
  if (detail === undefined || chosen === undefined) return <NotLive />;
  const ask = (change: Change): void => {
    model.trouble = undefined;
    askFor(model.sandbox, change).catch((error: unknown) => model.fail(error));
  };
  return (
    <div>
      <table>
        <caption>What it would take now</caption>
        <tbody>
          {detail.Events.map(({ Event, Refusal }) => {
            const change = changeOf(chosen.kind, chosen.id, Event);
            return (
              <tr key={Event} class={Refusal === '' ? 'takes' : 'refuses'}>
                <td>{Refusal === '' ? '✓' : '✗'}</td>
                <td>
                  <code>{Event}</code>
                </td>
                <td>{Refusal}</td>
                <td>
                  {model.mayChange && change !== undefined && Refusal === '' ? (
                    <ChangeButton
                      name={Event === 'signal' ? 'send SIGTERM' : Event}
                      isDangerous={Event === 'destroy'}
                      onAsk={() => ask(change)}
                    />
                  ) : undefined}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {detail.Pending.length === 0 ? undefined : (
        <table>
          <caption>Who waits for it</caption>
          <tbody>
            {detail.Pending.map(({ ID, Verb, Since }) => (
              <tr key={ID}>
                <td>
                  <code>{Verb}</code>
                </td>
                <td>for {ageText(model.clock - Since)}</td>
                <td class="faint">{ID}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {model.mayChange ? undefined : (
        <p class="faint">This page only looks. To ask for changes: runstate inspect --allow-control</p>
      )}
    </div>
  );
}

interface ChangeButtonProps {
  readonly name: string;
  /** It is to be pressed twice. */
  readonly isDangerous: boolean;
  readonly onAsk: () => void;
}

/** Ms in which the second time is to come. */
const thinking = 4000;

function ChangeButton({ name, isDangerous, onAsk }: ChangeButtonProps): VNode {
  const [isSure, setSure] = useState(!isDangerous);
  const press = (): void => {
    if (isSure) onAsk();
    else setTimeout(() => setSure(false), thinking);
    setSure(!isDangerous || !isSure);
  };
  return (
    <button type="button" class={isDangerous ? 'danger' : ''} onClick={press}>
      {isDangerous && isSure ? `${name}: sure?` : name}
    </button>
  );
}

export function NotLive(): VNode {
  const model = useModel();
  return (
    <p class="empty">
      {model.moment === undefined
        ? 'Only a sandbox that is there can be asked.'
        : 'This is the past: only what is there now can be asked.'}
    </p>
  );
}

/** The request that a button asks for; undefined for what a page has no business to ask. */
function changeOf(kind: string, cid: string, event: string): Change | undefined {
  if (kind === 'sandbox')
    return event === 'pause' || event === 'resume'
      ? { action: `sandbox-${event}`, cid }
      : event === 'destroy'
        ? { action: event, cid }
        : undefined;
  if (event === 'signal') return { action: event, cid, signal: 15 };
  return ['start', 'pause', 'resume', 'destroy'].includes(event) ? { action: event, cid } : undefined;
}
