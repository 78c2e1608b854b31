import fc from 'fast-check';
import { messageOf } from '../../errors/index.ts';
import type { Platform } from '../../platforms/platform.ts';
import type { Coverage } from '../coverage/coverage.ts';
import { lookAt, mayHappen, predicted, settled } from './checks.ts';
import { commandsFor, shown, subs, type Command } from './commands.ts';
import { withLife, type Life } from './sandbox.ts';

export interface LivesResult {
  readonly lives: number;
  readonly commands: number;
  readonly refused: number;
  /** Undefined when all went well: what went wrong, the shortest that was found, and how to have it again. */
  readonly failure: string | undefined;
}

export interface LivesOptions {
  readonly platform: Platform;
  readonly rootfs: string;
  readonly runs: number;
  readonly seed: number;
  /** Gets the transitions of all charts. */
  readonly coverage?: Coverage;
}

/** Indexes into the commands: they are shrunk, and shown by their names. */
const picks = (): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 25 });

const pick = (id: string, index: number): Command => {
  const all = commandsFor(id);
  const found = all[index % all.length];
  if (found === undefined) throw new Error('there are no commands');
  return found;
};

/** One client. Each command ends as the charts said before: done, or refused in their words. */
export async function oneAfterAnother({
  platform,
  rootfs,
  runs,
  seed,
  coverage,
}: LivesOptions): Promise<LivesResult> {
  const seen = { lives: 0, commands: 0, refused: 0 };
  const property = fc.asyncProperty(picks(), (chosen) =>
    withLife(
      platform,
      rootfs,
      async (life) => {
        seen.lives += 1;
        const place = life.client();
        for (const command of chosen.map((index) => pick(life.id, index))) {
          seen.commands += 1;
          const refusal = await predicted(place.client, life.id, command);
          const said = await command.run(place).then(
            () => undefined,
            (error: unknown) => messageOf(error),
          );
          if (refusal !== undefined) seen.refused += 1;
          if (said !== refusal)
            throw new Error(`${shown(command)}: ${said ?? 'done'}, but ${refusal ?? 'it was to be done'}`);
          await settled(place.client, life.id, [life.id, ...subs]);
        }
      },
      coverage,
    ),
  );
  return { failure: await check(property, runs, seed), ...seen };
}

/** Several clients at once. Each hears that it is done, or a reason that the others may give. */
export async function atOnce({ platform, rootfs, runs, seed, coverage }: LivesOptions): Promise<LivesResult> {
  const seen = { lives: 0, commands: 0, refused: 0 };
  const many = fc.array(picks(), { minLength: 2, maxLength: 8 });
  const property = fc.asyncProperty(many, (lists) =>
    withLife(
      platform,
      rootfs,
      async (life) => {
        seen.lives += 1;
        await Promise.all(lists.map((list) => asks(life, list)));
        await settled(life.client().client, life.id, [life.id, ...subs]);
      },
      coverage,
    ),
  );
  async function asks(life: Life, list: readonly number[]): Promise<void> {
    const place = life.client();
    for (const command of list.map((index) => pick(life.id, index))) {
      seen.commands += 1;
      try {
        await command.run(place);
      } catch (error) {
        seen.refused += 1;
        mayHappen(error);
      }
    }
    await lookAt(place.client, 'sandbox', life.id);
  }
  return { failure: await check(property, runs, seed), ...seen };
}

async function check<T>(
  property: fc.IAsyncProperty<T>,
  numRuns: number,
  seed: number,
): Promise<string | undefined> {
  const outcome = await fc.check(property, { numRuns, seed, endOnFailure: false });
  if (!outcome.failed) return undefined;
  const { counterexample, counterexamplePath, errorInstance } = outcome;
  const path = counterexamplePath ?? '';
  return [
    messageOf(errorInstance),
    `of ${JSON.stringify(counterexample, (_name, value: unknown) => (typeof value === 'number' ? shown(pick('root', value)) : value))}`,
    `again by: --seed ${seed} (path ${path})`,
  ].join('\n  ');
}
