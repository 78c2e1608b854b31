import type { VNode } from 'preact';
import { ageText } from './text.ts';
import { useModel } from './use-model.ts';

/** What the watchdog of the supervisor tells at the moment that is shown, above all else. */
export function Alarms(): VNode | null {
  const { shown, clock } = useModel();
  const alarms = shown?.alarms ?? [];
  if (alarms.length === 0) return null;
  return (
    <ul class="alarms" role="alert" aria-label="Alarms">
      {alarms.map(({ number, kind, thing, since, waitsFor, stack }) => (
        <li key={number}>
          <span class="badge bad">{kind}</span> <strong>{thing}</strong>, for {ageText(clock - since)}: waits
          for {waitsFor}
          {stack === undefined ? undefined : (
            <details>
              <summary>its stack</summary>
              <pre>{stack.join('\n')}</pre>
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}
