/** A pax archive with attributes, for there is no program on every machine that sets them. */
import { spawnSync } from 'node:child_process';

interface Member {
  readonly name: string;
  readonly content: string;
  /** Records of the pax header, e.g. `SCHILY.xattr.user.note`. */
  readonly records: Readonly<Record<string, string>>;
}

/** Has tar make a file with these attributes in a directory. */
export function makeWithAttributes(directory: string, member: Member): void {
  const input = Buffer.concat([
    header('pax', 'x', paxRecords(member.records).length),
    padded(paxRecords(member.records)),
    header(member.name, '0', member.content.length),
    padded(Buffer.from(member.content)),
    Buffer.alloc(1024),
  ]);
  const { status, stderr } = spawnSync(
    'tar',
    ['-C', directory, '--acls', '--xattrs', '--xattrs-include=*', '-xpf', '-'],
    { input },
  );
  if (status !== 0) throw new Error(stderr.toString());
}

function paxRecords(records: Member['records']): Buffer {
  return Buffer.concat(
    Object.entries(records).map(([name, value]) => {
      const rest = ` ${name}=${value}\n`;
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length++;
      return Buffer.from(`${length}${rest}`, 'latin1');
    }),
  );
}

function header(name: string, type: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  const put = (text: string, at: number): void => {
    block.write(text, at, 'latin1');
  };
  put(name, 0);
  put('0000644\0', 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  put(`${size.toString(8).padStart(11, '0')}\0`, 124);
  put('14000000000\0', 136);
  put('        ', 148);
  put(type, 156);
  put('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

const padded = (data: Buffer): Buffer =>
  Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
