import type { Row } from '../../observation/timeline.ts';
import type { Observation } from '../../observation/types.ts';
import { ageText, eventText } from './text.ts';

/** A row of the timeline in words: what is searched, too. */
export function rowText(row: Row): string {
  return row.type === 'span' ? row.method : momentText(row.observation);
}

/** Everything that the search looks at. */
export function searchText(row: Row): string {
  if (row.type === 'moment') return momentText(row.observation).toLowerCase();
  const parts = row.parts.map((one) => momentText(one));
  return [row.method, row.correlation, row.outcome, row.error ?? '', ...parts].join('\n').toLowerCase();
}

export function momentText(one: Observation): string {
  switch (one.type) {
    case 'transition': {
      const by = one.edges.map(({ event }) => eventText(event)).filter((text) => text !== 'at once');
      const how = by.length === 0 ? '' : ` (${by.join(', ')})`;
      return `${one.kind} ${one.id}: ${one.from === '' ? 'begins as' : `${one.from} →`} ${one.path}${how}`;
    }
    case 'step':
      return `platform: ${one.name}${one.id === '' ? '' : ` ${one.id}`} ${one.phase}${one.error === undefined ? '' : `: ${one.error}`}`;
    case 'alarm':
      return one.phase === 'ended'
        ? `alarm over: ${one.thing}, after ${ageText(one.duration ?? 0)}`
        : `alarm: ${one.thing}: ${one.waitsFor}`;
    case 'note':
      return one.text;
    case 'dropped':
      return `${one.count} observations were left out here`;
    case 'call':
      return `${one.method} ${one.phase}`;
    case 'snapshot':
      return 'everything as it was';
  }
}
