/** Parts of a large chart that are read one at a time. */
import { anyState, type Chart, type ChartEdge, type ChartState, type EdgeLabel } from './chart.ts';

/**
 * The chart without the parts of its states: what leads out of a part leads out of its state, and is told in short, as
 * the state has a picture of its own.
 */
export function overview(chart: Chart): Chart {
  const large = new Set(withParts(chart).map(({ id }) => id));
  const edges = chart.edges
    .filter(({ from, to }) => topOf(from) !== topOf(to))
    .map(({ from, to, label }) => ({
      from: topOf(from),
      to: topOf(to),
      label: large.has(topOf(from)) ? inShort(label) : label,
    }));
  return { ...chart, states: chart.states.map(closed), edges: withoutRepeats(edges) };
}

function inShort({ event, kind }: EdgeLabel): EdgeLabel {
  const words = { event, late: event, done: 'done', failed: 'fails', always: 'done' };
  return { event: words[kind], kind, guard: '', actions: [] };
}

const topOf = (id: string): string => id.split('.')[0] ?? id;

/** A state by itself; its parts are what it does, one after the other. */
const closed = (state: ChartState): ChartState =>
  state.parts.length === 0
    ? state
    : { ...state, parts: [], invokes: state.parts.flatMap(({ invokes }) => invokes) };

/** The same thing happens in several parts. */
function withoutRepeats(edges: readonly ChartEdge[]): readonly ChartEdge[] {
  const seen = new Set<string>();
  return edges.filter((edge) => {
    const key = JSON.stringify([edge.from, edge.to, { ...edge.label, kind: '' }]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The states that have parts, each of which has a picture of its own: {@link detail}. */
export const withParts = (chart: Chart): readonly ChartState[] =>
  chart.states.filter(({ parts }) => parts.length > 0);

/** The parts of one state, how they are entered, and where they lead. */
export function detail(chart: Chart, state: ChartState): Chart {
  const own = new Set(state.parts.map(({ id }) => id));
  const first = state.parts.find(({ isInitial }) => isInitial);
  const enters = ({ from, to }: ChartEdge): boolean =>
    from !== anyState && topOf(from) !== state.id && (to === state.id || own.has(to));
  const edges = chart.edges
    .filter((edge) => own.has(edge.from) || edge.from === state.id || enters(edge))
    .map((edge) => ({
      ...edge,
      from: own.has(edge.from) ? edge.from : edge.from === state.id ? inAny : topOf(edge.from),
      to:
        edge.to === state.id && first !== undefined ? first.id : own.has(edge.to) ? edge.to : topOf(edge.to),
    }));
  const named = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const outside = chart.states
    .filter(({ id }) => named.has(id))
    .map((one) => ({ ...closed(one), isInitial: false, invokes: [], takes: [] }));
  const all: ChartState = {
    ...state,
    id: inAny,
    name: 'in any of its steps',
    kind: 'part',
    isInitial: false,
    parts: [],
    invokes: [],
    takes: [],
  };
  return {
    id: `${chart.id}: ${state.name}`,
    description: state.description,
    states: [
      ...(named.has(inAny) ? [all] : []),
      ...state.parts.map((part) => ({ ...part, isInitial: false })),
      ...outside,
    ],
    edges,
  };
}

/** What is taken in all parts of a state. */
const inAny = '(any)';
