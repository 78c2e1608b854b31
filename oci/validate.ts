import * as v from 'valibot';
import { RunstateError } from '../errors/index.ts';
import { JsonSyntaxError, parseExact } from './exact-json.ts';
import { containerSchema } from './schema/container.ts';
import { problemOf } from './schema/problem.ts';
import { processSchema } from './schema/process.ts';
import type { ContainerSpec, ProcessSpec } from './types.ts';

/**
 * Checks a container's spec, given as JSON text or as what was read from it. Fields that runstate does not know are
 * kept; one that is null counts as absent, as the Go programs that write specs mean it. `where` begins the error's
 * sentence: the file's name, say.
 * @throws RunstateError SPEC with every problem, each with its path; for text that is no JSON, its line and column
 */
export function parseSpec(spec: unknown, where = 'config.json'): ContainerSpec {
  return checked(containerSchema, spec, where);
}

/**
 * As {@link parseSpec}, for the `process` document alone: what `exec --process` is given.
 * @throws RunstateError SPEC
 */
export function parseProcess(process: unknown, where = 'process.json'): ProcessSpec {
  return checked(processSchema, process, where);
}

function checked<S extends v.GenericSchema>(schema: S, given: unknown, where: string): v.InferOutput<S> {
  const result = v.safeParse(schema, withoutNulls(typeof given === 'string' ? read(given, where) : given));
  if (result.success) return result.output;
  const problems = [...new Set(result.issues.map(problemOf))];
  throw new RunstateError('SPEC', { where, problems });
}

function read(text: string, where: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new RunstateError(
      'SPEC',
      { where, problems: [`malformed JSON: ${error.message}`] },
      { cause: error },
    );
  }
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNulls(member)]));
}
