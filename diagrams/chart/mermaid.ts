import { anyState, type Chart, type ChartState, type EdgeLabel } from './chart.ts';

/** The chart in mermaid's language of state diagrams, as text that a change can be read in. */
export function mermaidOf(chart: Chart): string {
  return [
    'stateDiagram-v2',
    `  %% ${chart.description}`,
    ...chart.states.flatMap((state) => stateLines(state, '  ')),
    ...chart.edges.map(({ from, to, label }) => `  ${nameOf(from)} --> ${nameOf(to)}${labelText(label)}`),
    '  classDef transient stroke-dasharray: 4 3',
    ...chart.states
      .filter(({ kind }) => kind === 'transient')
      .map(({ id }) => `  class ${nameOf(id)} transient`),
    '',
  ].join('\n');
}

function stateLines(state: ChartState, indent: string): readonly string[] {
  const name = nameOf(state.id);
  const first = state.isInitial ? [`${indent}[*] --> ${name}`] : [];
  const last = state.kind === 'final' ? [`${indent}${name} --> [*]`] : [];
  if (state.parts.length === 0) return [`${indent}state "${state.name}" as ${name}`, ...first, ...last];
  const inside = state.parts.flatMap((part) => stateLines(part, `${indent}  `));
  return [`${indent}state "${state.name}" as ${name} {`, ...inside, `${indent}}`, ...first, ...last];
}

/** Mermaid takes words alone. */
const nameOf = (id: string): string => (id === anyState ? 'any_state' : id.replaceAll('.', '_'));

function labelText({ event, guard, actions }: EdgeLabel): string {
  const parts = [
    event,
    guard === '' ? '' : `[${guard}]`,
    actions.length === 0 ? '' : `/ ${actions.join(', ')}`,
  ];
  const text = parts.filter((part) => part !== '').join(' ');
  return text === '' ? '' : ` : ${text}`;
}
