import type { VNode } from 'preact';
import type { Span } from '../../observation/timeline.ts';
import { ageText, eventText } from './text.ts';
import { useModel } from './use-model.ts';

const [lane, line, head] = [164, 30, 46];
const platform = 'platform';

/** One thing in the diagram: an arrow between two lanes, or something that happens in one. */
interface Item {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Ms after the call's beginning. */
  readonly after: number;
  readonly tone: 'plain' | 'bad' | 'back';
}

/** The chosen call as a sequence diagram: who asked whom, which charts moved, and what the platform did. */
export function Sequence(): VNode {
  const model = useModel();
  const { span } = model;
  if (span === undefined)
    return <p class="empty">Choose a call in the timeline to see all that came of it.</p>;
  const items = itemsOf(span);
  const lanes = [...new Set(['client', ...items.flatMap(({ from, to }) => [from, to])])];
  // Last, as everything is done by it.
  const ordered = [...lanes.filter((one) => one !== platform), ...lanes.filter((one) => one === platform)];
  const xOf = (name: string): number => ordered.indexOf(name) * lane + lane / 2;
  const [width, height] = [ordered.length * lane + 60, head + items.length * line + 16];
  return (
    <div class="sequence">
      <p class="where">
        <strong>{span.method}</strong>{' '}
        {span.outcome === 'under way'
          ? 'is under way'
          : `${span.outcome} after ${ageText(span.duration ?? 0)}`}
        {span.error === undefined ? '' : `: ${span.error}`}
      </p>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="img"
        aria-label={span.method}
      >
        <defs>
          <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path class="head" d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {ordered.map((name) => (
          <g key={name} class="lane">
            <line x1={xOf(name)} y1={30} x2={xOf(name)} y2={height} />
            <rect x={xOf(name) - lane / 2 + 8} y={4} width={lane - 16} height={26} rx={6} />
            <text x={xOf(name)} y={21} text-anchor="middle">
              {shortened(name)}
            </text>
          </g>
        ))}
        {items.map((item, index) => (
          <Entry key={index} item={item} y={head + index * line + 14} {...{ xOf }} />
        ))}
      </svg>
    </div>
  );
}

interface EntryProps {
  readonly item: Item;
  readonly y: number;
  readonly xOf: (name: string) => number;
}

function Entry({ item: { from, to, text, after, tone }, y, xOf }: EntryProps): VNode {
  const title = <title>{`${ageText(after)} after the call began: ${text}`}</title>;
  if (from === to)
    return (
      <g class={`entry within ${tone}`}>
        {title}
        <rect x={xOf(to) - lane / 2 + 4} y={y - 13} width={lane - 8} height={20} rx={9} />
        <text x={xOf(to)} y={y + 1} text-anchor="middle">
          {shortened(text, 24)}
        </text>
      </g>
    );
  const [a, b] = [xOf(from), xOf(to)];
  const isRight = b > a;
  return (
    <g class={`entry ${tone}`}>
      {title}
      <line x1={a} y1={y} x2={isRight ? b - 3 : b + 3} y2={y} marker-end="url(#tip)" />
      <text x={isRight ? a + 6 : a - 6} y={y - 4} text-anchor={isRight ? 'start' : 'end'}>
        {shortened(text, 34)}
      </text>
    </g>
  );
}

function itemsOf(span: Span): readonly Item[] {
  const items = span.parts.map((part): Item => {
    const after = part.at - span.at;
    if (part.type === 'transition') {
      const by = part.edges.map(({ event }) => eventText(event)).filter((text) => text !== 'at once');
      const lane = `${part.kind} ${part.id}`;
      return {
        from: lane,
        to: lane,
        text: `${part.path}${by.length === 0 ? '' : ` (${by.join(', ')})`}`,
        after,
        tone: 'plain',
      };
    }
    const owner = part.id === '' ? sandboxLane(span) : `container ${part.id}`;
    if (part.phase === 'began') return { from: owner, to: platform, text: part.name, after, tone: 'plain' };
    const took = ageText(part.duration ?? 0);
    const text = part.phase === 'failed' ? `failed: ${part.error ?? ''}` : `${part.name} done, ${took}`;
    return { from: platform, to: owner, text, after, tone: part.phase === 'failed' ? 'bad' : 'back' };
  });
  const [first] = items;
  const asked = first === undefined || first.to === platform ? (first?.from ?? 'supervisor') : first.to;
  const method = span.method.slice(span.method.indexOf('.') + 1);
  const begin: Item = { from: 'client', to: asked, text: method, after: 0, tone: 'plain' };
  if (span.outcome === 'under way') return [begin, ...items];
  const isBad = span.outcome === 'failed';
  const text = `${span.outcome}, ${ageText(span.duration ?? 0)}`;
  return [
    begin,
    ...items,
    { from: asked, to: 'client', text, after: span.until - span.at, tone: isBad ? 'bad' : 'back' },
  ];
}

function sandboxLane({ parts }: Span): string {
  const one = parts.find((part) => part.type === 'transition' && part.kind === 'sandbox');
  return one === undefined ? 'sandbox' : `sandbox ${one.id}`;
}

const shortened = (text: string, most = 22): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;
