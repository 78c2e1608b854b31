import { rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Has a restore make no time namespace. CRIU makes one wherever it finds what the clocks were at the dump, so that a
 * monotonic clock does not go back on a machine that was started later; but the runtime does not let what is exec'd join
 * it, and of such a container no dump could be restored. On a machine that has not been started anew since, the clocks go on
 * by themselves.
 * @param images the directory of a dump of processes with the machine's own clocks
 * @throws SystemError
 */
export function forgetClocks(images: string): void {
  rmSync(join(images, 'timens-0.img'), { force: true });
}
