/** Every chart of runstate, drawn. */
import type { AnyStateMachine } from 'xstate';
import { defaultDeadlines } from '../../actors/deadlines.ts';
import { connectionMachine, containerMachine, processMachine, sandboxMachine } from '../../machines/index.ts';
import { chartOf, type Chart } from './chart.ts';
import { layOut } from './layout.ts';
import { mermaidOf } from './mermaid.ts';
import { svgOf } from './svg.ts';
import { detail, overview, withParts } from './views.ts';

const machines: Readonly<Record<string, readonly [AnyStateMachine, Readonly<Record<string, number>>]>> = {
  sandbox: [sandboxMachine, defaultDeadlines.sandbox],
  container: [containerMachine, defaultDeadlines.container],
  process: [processMachine, {}],
  connection: [connectionMachine, {}],
};

/** In one picture that is still read at the width of a page; of larger charts, states with parts are drawn by themselves. */
const mostStates = 17;

const picture = async (chart: Chart): Promise<string> => svgOf(chart, await layOut(chart));

/** The files of `diagrams/`, by their names: a picture and a text of each chart. */
export async function drawCharts(): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const [name, [machine, deadlines]] of Object.entries(machines)) {
    const chart = chartOf(machine, deadlines);
    files[`${name}.mmd`] = mermaidOf(chart);
    const shown = chart.states.length > mostStates ? overview(chart) : chart;
    files[`${name}.svg`] = await picture(shown);
    if (shown === chart) continue;
    for (const state of withParts(chart))
      files[`${name}-${state.name}.svg`] = await picture(detail(chart, state));
  }
  return files;
}
