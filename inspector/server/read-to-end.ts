import { createReadStream } from 'node:fs';

/** All that comes out of a descriptor, which is closed then. @throws SystemError */
export async function readToEnd(fd: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream('', { fd })) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
