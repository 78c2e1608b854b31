import type { Coverage } from './coverage.ts';

/** Taken, and never taken; in light and dark. */
const style =
  '.edge.taken{stroke:#1a7f37;stroke-width:2.6}.edge.untaken{stroke:#d1242f;stroke-width:1.2;stroke-dasharray:2 4}';

/**
 * A drawn chart (diagrams/*.svg) with what was taken in green, and what never was in red; each edge tells how often, to
 * who points at it.
 */
export function drawCoverage(svg: string, kind: string, coverage: Coverage): string {
  const edge = /<path class="edge([^"]*)" data-from="([^"]*)" data-to="([^"]*)"([^>]*)\/>/g;
  return svg
    .replace('</style>', `${style}</style>`)
    .replace(edge, (_all, classes: string, from: string, to: string, rest: string) => {
      const count = coverage.between(kind, from, to);
      const found = count === 0 ? 'untaken' : 'taken';
      const told = `<title>${from} → ${to}: ${count}</title>`;
      return `<path class="edge${classes} ${found}" data-from="${from}" data-to="${to}"${rest}>${told}</path>`;
    });
}

/** Of the edges that a chart's drawings show, how many were taken. */
export function drawnEdges(
  svg: string,
  kind: string,
  coverage: Coverage,
): { readonly taken: number; readonly all: number } {
  const edges = new Set(
    [...svg.matchAll(/data-from="([^"]*)" data-to="([^"]*)"/g)].map(
      ([, from, to]) => `${from ?? ''} ${to ?? ''}`,
    ),
  );
  const taken = [...edges].filter((one) => {
    const [from = '', to = ''] = one.split(' ');
    return coverage.between(kind, from, to) > 0;
  });
  return { taken: taken.length, all: edges.size };
}
