import { anyState, type Chart } from './chart.ts';
import type { Layout, PlacedEdge, PlacedState, Point, TextLine } from './layout.ts';
import { escaped, heightOf, nameStyle, smallStyle } from './text.ts';

/** A picture of a chart, in light and dark; what a state is for shows when one points at it. */
export function svgOf(chart: Chart, layout: Layout): string {
  const { width, height, states, edges } = layout;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(`The statechart of a ${chart.id}`)}">`,
    `<style>${style}</style>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>',
    '<rect class="page" width="100%" height="100%"/>',
    ...states.map(stateSvg),
    ...edges.map(edgeSvg),
    ...edges.map(labelSvg),
    '</svg>',
    '',
  ].join('\n');
}

const style = [
  'svg{font-family:ui-sans-serif,system-ui,"Segoe UI",Helvetica,Arial,sans-serif}',
  '.page{fill:#fff}.name{font-size:14px;font-weight:600;fill:#17233b}.small{font-size:11px;fill:#44516b}',
  '.said{font-size:11px;font-weight:600;fill:#17233b}',
  '.public rect{fill:#dbe9ff;stroke:#2f6fdf;stroke-width:2}',
  '.transient rect{fill:#f6f7f9;stroke:#8a94a6;stroke-width:1.2;stroke-dasharray:5 3}',
  '.part rect{fill:#fff;stroke:#b4bccb;stroke-width:1}',
  '.final rect{fill:#e6e8ec;stroke:#17233b;stroke-width:2.5}',
  '.any rect{fill:none;stroke:none}',
  '.edge{fill:none;stroke:#5c6b85;stroke-width:1.2}.failed,.late{stroke:#c2410c}.failed,.late{stroke-dasharray:3 2}',
  '.head{fill:#5c6b85}.back{fill:#fff;opacity:.86}.start{fill:#17233b}',
  '@media(prefers-color-scheme:dark){',
  '.page{fill:#0d1117}.name,.said{fill:#e6edf7}.small{fill:#a3b0c6}',
  '.public rect{fill:#12305e;stroke:#6aa2ff}.transient rect{fill:#161b23;stroke:#6b768a}',
  '.part rect{fill:#0d1117;stroke:#465066}.final rect{fill:#2a303a;stroke:#e6edf7}',
  '.edge{stroke:#8d9bb3}.failed,.late{stroke:#ff9a5c}.head{fill:#8d9bb3}.back{fill:#0d1117}.start{fill:#e6edf7}}',
].join('');

function stateSvg({ state, x, y, width, height, lines }: PlacedState): string {
  const kind = state?.kind ?? 'any';
  const title = state === undefined ? '' : `<title>${escaped(state.description)}</title>`;
  const start =
    state?.isInitial === true ? `<circle class="start" cx="${x + 2}" cy="${y + 2}" r="4.5"/>` : '';
  const isOuter = state !== undefined && state.parts.length > 0;
  const radius = kind === 'part' ? 4 : 8;
  const middle = x + width / 2;
  const text = textLines(lines, middle, y + (isOuter ? 6 : (height - totalHeight(lines)) / 2), 'name', true);
  return `<g class="${kind}" data-state="${escaped(state?.id ?? anyState)}">${title}<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>${start}${text}</g>`;
}

const lineHeight = ({ isSmall }: TextLine, isName: boolean): number =>
  heightOf(isSmall || !isName ? smallStyle : nameStyle);
const totalHeight = (lines: readonly TextLine[]): number =>
  lines.reduce((sum, line) => sum + lineHeight(line, true), 0);

function textLines(
  lines: readonly TextLine[],
  x: number,
  top: number,
  large: 'name' | 'said',
  isCentred: boolean,
): string {
  let y = top;
  return lines
    .map((line) => {
      const height = lineHeight(line, large === 'name');
      y += height;
      const anchor = isCentred ? ' text-anchor="middle"' : '';
      return `<text class="${line.isSmall ? 'small' : large}" x="${round(x)}" y="${round(y - height * 0.26)}"${anchor}>${escaped(line.text)}</text>`;
    })
    .join('');
}

function edgeSvg({ edges, points }: PlacedEdge): string {
  const kinds = [...new Set<string>(edges.map(({ label }) => label.kind))];
  const kind = kinds.length === 1 ? kinds.join('') : 'several';
  return `<path class="edge ${kind}"${endsOf(edges)} d="${pathOf(points)}" marker-end="url(#arrow)"/>`;
}

/** With corners that are round. */
function pathOf(points: readonly Point[]): string {
  return points
    .map((point, index) => {
      const [before, after] = [points[index - 1], points[index + 1]];
      if (before === undefined) return `M${at(point)}`;
      if (after === undefined) return `L${at(point)}`;
      return `L${at(towards(point, before))}Q${at(point)} ${at(towards(point, after))}`;
    })
    .join('');
}

const corner = 6;

function towards(from: Point, to: Point): Point {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  const share = distance === 0 ? 0 : Math.min(corner, distance / 2) / distance;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

const round = (value: number): number => Math.round(value * 10) / 10;
const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;

function labelSvg({ edges, label: { x, y, lines } }: PlacedEdge): string {
  if (lines.length === 0) return '';
  const width = Math.max(...lines.map(({ text }) => text.length)) * smallStyle.size * smallStyle.letter;
  const height = lines.length * heightOf(smallStyle);
  return `<g class="label"${endsOf(edges)}><rect class="back" x="${round(x)}" y="${round(y)}" width="${round(width + 6)}" height="${height}"/>${textLines(lines, x + 3, y, 'said', false)}</g>`;
}

/** For whoever shows it live: which states an edge is between. */
const endsOf = ([first]: PlacedEdge['edges']): string =>
  first === undefined ? '' : ` data-from="${escaped(first.from)}" data-to="${escaped(first.to)}"`;
