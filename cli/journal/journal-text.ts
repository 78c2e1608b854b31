import type { JournalRecord } from '../../actors/journal/index.ts';
import { harmless } from '../../harmless.ts';
import type { Observation, StepObservation } from '../../observation/types.ts';
import { alarmText, callText, transitionText } from '../watch/scene.ts';

/** A record as a person reads it; undefined for where a chart was left, which its transition tells. */
export function journalText(record: JournalRecord): string | undefined {
  switch (record.type) {
    case 'begin':
      return line(record.at, `supervisor: process ${record.supervisor.pid} writes from here on`);
    case 'forgotten':
      return line(record.at, `container ${record.id}: its id is free`);
    case 'chart':
      return undefined;
    case 'observed': {
      const text = observedText(record.what);
      return text === undefined ? undefined : line(record.what.at, text);
    }
  }
}

function observedText(what: Observation): string | undefined {
  switch (what.type) {
    case 'snapshot':
      return undefined;
    case 'transition':
      return what.from === what.to ? undefined : transitionText(what).text;
    case 'call':
      return callText(what).text;
    case 'step':
      return stepText(what);
    case 'note':
      return what.text;
    case 'alarm':
      return alarmText(what);
    case 'dropped':
      return `${what.count} were left out here`;
  }
}

function stepText({ phase, name, id, duration, error }: StepObservation): string {
  const what = id === '' ? name : `${name} ${id}`;
  if (phase === 'began') return `  platform: to ${what}`;
  const how = phase === 'failed' ? `: ${error ?? 'failed'}` : '';
  return `  platform: ${what} ${phase} after ${duration ?? 0} ms${how}`;
}

/** The day, too: what is read here may be old. */
const line = (at: number, text: string): string => `${new Date(at).toISOString()}  ${harmless(text)}`;
