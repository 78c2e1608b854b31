import ElkConstructor, { type ELK, type ElkExtendedEdge, type ElkNode } from 'elkjs';
import { anyState, type Chart, type ChartEdge, type ChartState } from './chart.ts';
import { heightOf, nameStyle, smallStyle, widthOf, wrapped } from './text.ts';

/** A line of text, small or not. */
export interface TextLine {
  readonly text: string;
  readonly isSmall: boolean;
}

export interface PlacedState {
  readonly state: ChartState | undefined;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly TextLine[];
}

export interface PlacedEdge {
  /** All that leads from one state to another one. */
  readonly edges: readonly ChartEdge[];
  readonly points: readonly Point[];
  readonly label: { readonly x: number; readonly y: number; readonly lines: readonly TextLine[] };
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The outer ones first. */
  readonly states: readonly PlacedState[];
  readonly edges: readonly PlacedEdge[];
}

const options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.spacing.nodeNodeBetweenLayers': '26',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeLabel': '3',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '9',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  // The machines name their states in the order of a life.
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.considerModelOrder.strategy': 'PREFER_EDGES',
  'elk.randomSeed': '1',
};

/** Gives every state and edge a place. The same chart always gets the same. */
export async function layOut(chart: Chart): Promise<Layout> {
  const bundles = bundled(chart.edges);
  const hasAny = chart.edges.some(({ from }) => from === anyState);
  const graph: ElkNode = {
    id: 'chart',
    layoutOptions: { ...options, 'elk.padding': '[top=12,left=12,bottom=12,right=12]' },
    children: [...(hasAny ? [anyNode] : []), ...chart.states.map(nodeOf)],
    edges: bundles.map((edges, index) => edgeOf(edges, index)),
  };
  // Its declaration is of a module that another loader sees.
  const elk: ELK = new ElkConstructor.default();
  const placed = await elk.layout(graph);
  const byId = new Map(allStates(chart.states).map((state) => [state.id, state]));
  const places = new Map<string, Point>();
  const states = collect(placed, { x: 0, y: 0 }, byId, places);
  return {
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    states,
    edges: (placed.edges ?? []).map((edge, index) => placedEdge(edge, bundles[index] ?? [], places)),
  };
}

const anyNode: ElkNode = { id: anyState, width: widthOf('in any state', smallStyle) + 16, height: 24 };

const allStates = (states: readonly ChartState[]): readonly ChartState[] =>
  states.flatMap((state) => [state, ...allStates(state.parts)]);

/** Edges of the same two states are drawn as one, with a line of text each. */
function bundled(edges: readonly ChartEdge[]): readonly (readonly ChartEdge[])[] {
  const bundles = new Map<string, ChartEdge[]>();
  for (const edge of edges) {
    const key = `${edge.from} ${edge.to}`;
    bundles.set(key, [...(bundles.get(key) ?? []), edge]);
  }
  return [...bundles.values()];
}

/** Of a state: its name, what it does meanwhile, what it takes without leaving. */
function linesOf({ name, invokes, takes, kind, parts }: ChartState): readonly TextLine[] {
  const small = (text: string): TextLine => ({ text, isSmall: true });
  return [
    { text: name, isSmall: kind === 'part' },
    ...invokes.map((src) => small(`does: ${src}`)),
    // A state with parts is as wide as those are.
    ...wrapped(takes, parts.length === 0 ? 24 : 9).map((line, index) =>
      small(index === 0 ? `takes: ${line}` : line),
    ),
  ];
}

function edgeLines(edges: readonly ChartEdge[]): readonly TextLine[] {
  return edges.flatMap(({ label: { event, guard, actions } }) => {
    const first = [event, guard === '' ? '' : `[${guard}]`].filter((part) => part !== '').join(' ');
    const second = wrapped(actions, 26).map((line, index) => ({
      text: index === 0 ? `/ ${line}` : line,
      isSmall: true,
    }));
    return [...(first === '' ? [] : [{ text: first, isSmall: false }]), ...second];
  });
}

const edgeStyle = smallStyle;

const sizeOf = (lines: readonly TextLine[], large: typeof nameStyle) => {
  const style = ({ isSmall }: TextLine) => (isSmall ? smallStyle : large);
  return {
    width: Math.max(0, ...lines.map((line) => widthOf(line.text, style(line)))),
    height: lines.reduce((sum, line) => sum + heightOf(style(line)), 0),
  };
};

function nodeOf(state: ChartState): ElkNode {
  const { width, height } = sizeOf(linesOf(state), nameStyle);
  if (state.parts.length === 0) return { id: state.id, width: width + 24, height: height + 14 };
  return {
    id: state.id,
    layoutOptions: {
      'elk.padding': `[top=${height + 16},left=12,bottom=12,right=12]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width + 24}, ${height + 20})`,
    },
    children: state.parts.map(nodeOf),
  };
}

function edgeOf(edges: readonly ChartEdge[], index: number): ElkExtendedEdge {
  const [first] = edges;
  const { width, height } = sizeOf(edgeLines(edges), edgeStyle);
  return {
    id: `e${index}`,
    sources: [first?.from ?? ''],
    targets: [first?.to ?? ''],
    labels: width === 0 ? [] : [{ text: 'x', width: width + 6, height: height + 2 }],
  };
}

function collect(
  node: ElkNode,
  at: Point,
  byId: ReadonlyMap<string, ChartState>,
  places: Map<string, Point>,
): readonly PlacedState[] {
  places.set(node.id, at);
  return (node.children ?? []).flatMap((child) => {
    const [x, y] = [at.x + (child.x ?? 0), at.y + (child.y ?? 0)];
    const state = byId.get(child.id);
    const lines = state === undefined ? [{ text: 'in any state', isSmall: true }] : linesOf(state);
    const own = { state, x, y, width: child.width ?? 0, height: child.height ?? 0, lines };
    return [own, ...collect(child, { x, y }, byId, places)];
  });
}

/** ELK counts an edge's points from the innermost state that holds both of its ends. */
function placedEdge(
  edge: ElkExtendedEdge & { readonly container?: string },
  edges: readonly ChartEdge[],
  places: ReadonlyMap<string, Point>,
): PlacedEdge {
  const base = places.get(edge.container ?? 'chart') ?? { x: 0, y: 0 };
  const moved = ({ x, y }: Point): Point => ({ x: base.x + x, y: base.y + y });
  const points = (edge.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(moved),
  );
  const [label] = edge.labels ?? [];
  const place = moved({ x: label?.x ?? 0, y: label?.y ?? 0 });
  return { edges, points, label: { ...place, lines: edgeLines(edges) } };
}
