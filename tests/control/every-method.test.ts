/** Every method is called by the typed client on a real sandbox, as docs/control-protocol.md shows it. */
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { isMethodName, methods, type MethodName } from '../../transport/methods/index.ts';
import { encode } from '../../transport/codec/index.ts';
import { evidence } from '../support/evidence.ts';
import { compareShapes } from '../wire/shape.ts';
import { callExample, prepared } from './example-bench.ts';
import { examples } from './examples.ts';
import { realOneByOne, withSandbox, type Bench } from './support.ts';

for (const method of Object.keys(methods).filter(isMethodName))
  realOneByOne(`${method} answers as its example says`, (t) => tryExample(t, method));

async function tryExample(t: ExecutionContext, method: MethodName): Promise<void> {
  const example = examples[method];
  await withRoot(async (root) => {
    if (example.before === 'saved') await save(t, root);
    await withSandbox(
      t,
      (bench) =>
        prepared(bench, method, example.before, async (ready) => {
          const result = await callExample(bench, method, example, ready);
          const shown = encode(example.result(ready.given));
          const { lacks } = compareShapes(shown, encode(result));
          // A process may have no files.
          t.deepEqual(
            lacks.filter((one) => !one.endsWith('fdlist: it is empty')),
            [],
            `${encode(result)} is not as ${shown}`,
          );
          evidence(t, { client: 'typed client', method });
        }),
      { root },
    );
  });
}

/** Writes a statefile of a sandbox that is gone then. */
async function save(t: ExecutionContext, root: string): Promise<void> {
  await withSandbox(
    t,
    async ({ client, run, id }: Bench) => {
      await run(id);
      const fd = openSync(join(root, 'statefile'), 'wx+');
      try {
        await client.call(
          'containerManager.Checkpoint',
          { key: undefined, metadata: {}, LeaveRunning: false, Compression: '', Exec: '' },
          { files: [fd] },
        );
      } finally {
        closeSync(fd);
      }
    },
    { root },
  );
}

async function withRoot(use: (root: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'runstate-every-'));
  try {
    await use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
