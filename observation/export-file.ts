import { checkObservation } from './schema.ts';
import type { Observation } from './types.ts';

/** The first line of the file that an inspection is exported to; each other line is an observation. */
export interface ExportHeader {
  readonly format: 'runstate-inspection';
  readonly version: number;
  /** Of the runstate that made it. */
  readonly runstate: string;
  readonly sandbox: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

export const exportVersion = 1;

export interface ExportFile {
  readonly header: ExportHeader;
  readonly observations: readonly Observation[];
}

export const writeExport = ({ header, observations }: ExportFile): string =>
  [header, ...observations].map((one) => `${JSON.stringify(one)}\n`).join('');

/** @throws Error that says what is wrong with it, and where */
export function readExport(text: string): ExportFile {
  const [first = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const header = parse(first, 1);
  if (!isHeader(header)) throw new Error('its first line is not that of an inspection');
  if (header.version !== exportVersion)
    throw new Error(`it has version ${header.version}, and this runstate reads version ${exportVersion}`);
  const observations = lines.map((line, index) => {
    const value = parse(line, index + 2);
    try {
      return checkObservation(value);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`line ${index + 2} is no observation: ${why}`, { cause });
    }
  });
  return { header, observations };
}

const types: readonly unknown[] = ['snapshot', 'transition', 'call', 'step', 'alarm', 'note', 'dropped'];

/** What says that it is one; the rest is the word of the supervisor that told it. */
export const isObservation = (value: unknown): value is Observation =>
  isObject(value) && types.includes(value['type']) && typeof value['at'] === 'number';

const isHeader = (value: unknown): value is ExportHeader =>
  isObject(value) &&
  value['format'] === 'runstate-inspection' &&
  typeof value['version'] === 'number' &&
  typeof value['sandbox'] === 'string';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`line ${number} is no JSON`, { cause: error });
  }
}
