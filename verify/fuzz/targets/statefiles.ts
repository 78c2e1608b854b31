import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatefileWriter, inspectStatefile, stageStatefile } from '../../../statefile/index.ts';
import { refusableSoon } from '../refusals.ts';
import type { Target } from '../target.ts';

/** A statefile: looked at, and staged as a restore does it. Of what is refused nothing may be staged outside of its place. */
export const statefiles: Target = {
  name: 'statefile',
  seeds: async () => [await made('none'), await made('gzip')],
  open: () => {
    const directory = mkdtempSync(join(tmpdir(), 'runstate-fuzz-'));
    return Promise.resolve({
      read: (input) => read(directory, input),
      close: () => {
        rmSync(directory, { recursive: true, force: true });
        return Promise.resolve();
      },
    });
  },
};

async function read(directory: string, input: Buffer): Promise<void> {
  const file = join(directory, 'statefile');
  const to = join(directory, 'staged');
  writeFileSync(file, input);
  mkdirSync(to);
  try {
    const works: readonly ((fd: number) => Promise<unknown>)[] = [
      (fd) => inspectStatefile(fd),
      (fd) => stageStatefile(fd, to),
    ];
    for (const work of works) {
      const fd = openSync(file, 'r');
      try {
        await refusableSoon<unknown>(() => work(fd));
      } finally {
        closeSync(fd);
      }
    }
    const outside = readdirSync(directory).filter((name) => name !== 'statefile' && name !== 'staged');
    if (outside.length > 0) throw new Error(`it wrote outside of its place: ${outside.join(', ')}`);
  } finally {
    rmSync(to, { recursive: true, force: true });
  }
}

async function made(compression: 'none' | 'gzip'): Promise<Buffer> {
  const directory = mkdtempSync(join(tmpdir(), 'runstate-fuzz-'));
  const file = join(directory, 'statefile');
  const fd = openSync(file, 'w+');
  try {
    const fields = { metadata: { a: 'b' }, manifest: { containers: [] }, platform: 'linux' };
    const writer = await StatefileWriter.open(fd, fields, { compression });
    await writer.addEntry('c1/images/core-1.img', data(300));
    await writer.addEntry('linux.json', data(20));
    await writer.finish();
    return readFileSync(file);
  } finally {
    closeSync(fd);
    rmSync(directory, { recursive: true, force: true });
  }
}

async function* data(length: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.alloc(length, 'x'));
}
