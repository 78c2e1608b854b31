import { readFile } from 'node:fs/promises';

let known: Promise<number> | undefined;

/** When the machine started, in ms since the Unix epoch; processes' start times are counted from there. @throws SystemError */
export function bootTime(): Promise<number> {
  known ??= readFile('/proc/stat', 'latin1').then(
    (text) => Number(/^btime (\d+)$/m.exec(text)?.[1] ?? 0) * 1000,
  );
  return known;
}
