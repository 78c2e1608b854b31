import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Row } from '../../observation/timeline.ts';
import { onlyLooks } from './only-looks.ts';
import { rowText, searchText } from './row-text.ts';
import { ageText, clockText } from './text.ts';
import { useModel } from './use-model.ts';
import { VirtualList } from './virtual-list.tsx';

/** What happened: each call, and what nobody's call did. */
export function TimelineList(): VNode {
  const model = useModel();
  const [isFollowing, setFollowing] = useState(true);
  const search = useRef<HTMLInputElement>(null);
  const [showsLooks, setShowsLooks] = useState(false);
  const wanted = model.search.trim().toLowerCase();
  const all = showsLooks ? model.timeline.rows : model.timeline.rows.filter((row) => !onlyLooks(row));
  const rows = wanted === '' ? all : all.filter((row) => searchText(row).includes(wanted));
  const current = indexOfShown(rows, model.span, model.moment);
  const show = (row: Row | undefined): void => {
    if (row === undefined) return;
    setFollowing(false);
    model.span = row.type === 'span' ? row : undefined;
    model.travel(row.type === 'span' ? row.last : row.number);
  };
  const onKey = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const from = current < 0 ? rows.length : current;
    show(rows[Math.max(0, Math.min(rows.length - 1, from + by))]);
  };
  const begin = rows[0]?.at ?? 0;
  return (
    <section class="timeline" aria-label="Timeline">
      <div class="bar">
        <h2>Timeline</h2>
        <input
          ref={search}
          id="search"
          type="search"
          placeholder="search (/)"
          aria-label="Search the timeline"
          value={model.search}
          onInput={({ currentTarget }) => {
            model.search = currentTarget.value;
            model.changed();
          }}
        />
        <span class="faint">
          {rows.length === all.length ? rowsText(all.length) : `${rows.length} of ${rowsText(all.length)}`}
        </span>
        <label title="Calls that change nothing, as those for counters">
          <input
            type="checkbox"
            checked={showsLooks}
            onChange={({ currentTarget }) => setShowsLooks(currentTarget.checked)}
          />
          looks
        </label>
        <label title="The last row stays in sight">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={({ currentTarget }) => {
              setFollowing(currentTarget.checked);
              if (currentTarget.checked) model.travel(undefined);
            }}
          />
          follow
        </label>
      </div>
      <VirtualList
        {...{ rows, height: 26, current, onKey }}
        role="listbox"
        label="What happened"
        follows={isFollowing && model.moment === undefined}
        onScrolledAway={() => setFollowing(false)}
      >
        {(row, index) => (
          <div
            key={row.number}
            role="option"
            id={`listbox-${index}`}
            aria-setsize={rows.length}
            aria-posinset={index + 1}
            aria-selected={index === current}
            class={`row ${index === current ? 'chosen' : ''} ${toneOf(row)}`}
            title={row.type === 'span' ? (row.error ?? row.correlation) : undefined}
            onClick={() => show(row)}
          >
            <span class="time" title={`${ageText(row.at - begin)} after the first`}>
              {clockText(row.at)}
            </span>
            <span class="row-name">{rowText(row)}</span>
            {row.type === 'span' ? <Bar span={row} clock={model.clock} /> : undefined}
          </div>
        )}
      </VirtualList>
    </section>
  );
}

const rowsText = (count: number): string => (count === 1 ? '1 row' : `${count} rows`);

function Bar({
  span,
  clock,
}: {
  readonly span: Extract<Row, { type: 'span' }>;
  readonly clock: number;
}): VNode {
  const ms = span.outcome === 'under way' ? clock - span.at : (span.duration ?? 0);
  // A tenth of a millisecond is nothing, ten seconds are all: by powers of ten.
  const share = Math.max(0.02, Math.min(1, (Math.log10(Math.max(ms, 0.1)) + 1) / 5));
  return (
    <span class={`span ${span.outcome === 'under way' ? 'busy' : span.outcome}`}>
      <span class="span-bar" style={{ width: `${share * 90}px` }} />
      <span class="span-text">
        {span.outcome === 'failed' ? 'failed, ' : span.outcome === 'unknown' ? 'end not told ' : ''}
        {span.outcome === 'under way' ? `${ageText(ms)} …` : ageText(ms)}
      </span>
    </span>
  );
}

function indexOfShown(rows: readonly Row[], span: Row | undefined, moment: number | undefined): number {
  if (moment === undefined) return -1;
  const chosen = span === undefined ? -1 : rows.indexOf(span);
  return chosen >= 0 ? chosen : rows.findLastIndex((row) => row.number <= moment);
}

function toneOf(row: Row): string {
  if (row.type === 'span') return row.outcome === 'failed' ? 'bad' : '';
  const { observation } = row;
  if (observation.type === 'note') return 'note';
  return ['dropped', 'step', 'alarm'].includes(observation.type) ? 'bad' : 'moment';
}
