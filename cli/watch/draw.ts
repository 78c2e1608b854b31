import { styleText } from 'node:util';
import { harmless } from '../../harmless.ts';
import type { ObservedActor } from '../../transport/client/index.ts';
import type { Happening, Scene } from './scene.ts';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

type Paint = (format: 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan', text: string) => string;

const paint: Paint = (format, text) => styleText(format, text);

/** The whole screen: the tree of charts above, what happened below, the last at the bottom. @param now ms since the epoch */
export function drawScene(scene: Scene, { columns, rows }: Screen, now: number): string {
  const tree = treeLines(scene, now).slice(0, Math.max(1, rows - 4));
  const room = Math.max(0, rows - tree.length - 2);
  const last = room === 0 ? [] : scene.happenings.slice(-room);
  const lines = [
    ...tree.map((line) => cut(line, columns)),
    { text: '─'.repeat(columns), tone: 'dim' as const },
    ...last.map((one) => cut({ text: happeningText(one), tone: tones[one.tone] }, columns)),
  ];
  return lines.map(({ text, tone }) => (tone === undefined ? text : paint(tone, text))).join('\n');
}

interface Line {
  readonly text: string;
  readonly tone: Parameters<Paint>[0] | undefined;
}

const tones = { plain: undefined, busy: 'yellow', bad: 'red' } as const;

/** As the log has it: the time of day, with milliseconds. */
export const happeningText = ({ at, text }: Happening): string =>
  `${new Date(at).toISOString().slice(11, 23)}  ${harmless(text)}`;

function treeLines({ snapshot }: Scene, now: number): readonly Line[] {
  if (snapshot === undefined) return [{ text: 'waiting for the sandbox …', tone: 'dim' }];
  const { sandbox, containers, alarms = [] } = snapshot;
  return [
    ...alarms.map(({ thing, since, waitsFor }): Line => ({
      text: `ALARM ${harmless(thing)} for ${ageText(now - since)}: ${harmless(waitsFor)}`,
      tone: 'red',
    })),
    actorLine('sandbox', sandbox, '', now),
    ...containers.flatMap((one) => [
      actorLine(one.isRoot ? 'root container' : 'container', one, '  ', now),
      ...one.processes.map((process) => actorLine('process', process, '    ', now)),
    ]),
  ];
}

function actorLine(kind: string, { id, state, since }: ObservedActor, indent: string, now: number): Line {
  const age = since === 0 ? '' : ` ${ageText(now - since)}`;
  return { text: `${indent}${kind} ${id}  ${state}${age}`, tone: toneOf(state) };
}

function toneOf(state: string): Line['tone'] {
  if (state === 'running') return 'green';
  if (state === 'leaking') return 'red';
  if (['paused', 'restored', 'checkpointed'].includes(state)) return 'cyan';
  return /ing$/.test(state) ? 'yellow' : 'dim';
}

/** Short: `3.2s`, `4m10s`, `2h05m`. @param ms not negative */
export function ageText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)}s`;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h${two((seconds % 3600) / 60)}m`;
}

/** Before it is painted: colours have no width. */
const cut = ({ text, tone }: Line, columns: number): Line => ({
  text: text.length > columns ? `${text.slice(0, Math.max(0, columns - 1))}…` : text,
  tone,
});
