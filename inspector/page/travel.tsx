import type { VNode } from 'preact';
import { clockText } from './text.ts';
import { momentText } from './row-text.ts';
import { useModel } from './use-model.ts';

/** Chooses the moment that everything is shown at. */
export function Travel(): VNode {
  const model = useModel();
  const { first, end } = model.recording;
  const isPast = model.moment !== undefined;
  const at = model.moment ?? Math.max(first, end - 1);
  const observation = model.recording.get(at);
  return (
    <section class={`travel ${isPast ? 'past' : ''}`} aria-label="Time travel">
      <button
        type="button"
        title="One step back (←)"
        aria-label="One step back"
        onClick={() => model.travel(at - 1)}
      >
        ◀
      </button>
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={observation === undefined ? '' : clockText(observation.at)}
        min={first}
        max={Math.max(first, end - 1)}
        value={at}
        onInput={({ currentTarget }) => model.travel(Number(currentTarget.value))}
      />
      <button
        type="button"
        title="One step on (→)"
        aria-label="One step on"
        onClick={() => model.travel(at + 1)}
      >
        ▶
      </button>
      <button
        type="button"
        class={isPast ? 'primary' : ''}
        disabled={!isPast}
        title="Back to now (l)"
        onClick={() => model.travel(undefined)}
      >
        {model.ended === undefined ? 'now' : 'the end'}
      </button>
      <span class="moment" role="status">
        {!isPast
          ? model.ended === undefined
            ? model.isConnected
              ? 'live'
              : 'not connected'
            : `as it was at the end: ${model.ended}`
          : `${clockText(observation?.at ?? 0)}, after: ${observation === undefined ? '' : momentText(observation)}`}
      </span>
    </section>
  );
}
