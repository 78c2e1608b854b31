import { spawnSync } from 'node:child_process';
import { SetupError } from './step.mjs';

/** How many lines of a failed tool's output are shown when none of them stands out. */
const tail = 15;

/** What npm and apt-get say of a server that cannot be reached. */
const unreachable =
  /EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|resolving|Could not connect|Failed to fetch/;
const noNetwork =
  'the server cannot be reached: check the network and, if there is one, the proxy; then try again';

/**
 * Runs a tool to its end and gives its output. Throws a SetupError with the telling lines when it fails or takes
 * longer than `minutes`. `telling` picks these lines; without it, or when it picks none, the last lines are shown. When
 * they say that a server was not reached, so does the error, in words that a newcomer can act upon.
 */
export function runTool(file, args, { cwd, env, minutes = 15, telling } = {}) {
  const done = spawnSync(file, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    timeout: minutes * 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (done.status === 0) return done.stdout;
  const command = [file, ...args].join(' ');
  if (done.error?.code === 'ENOENT') throw new SetupError(`${command}: there is no program ${file}`);
  const why =
    done.error?.code === 'ETIMEDOUT'
      ? `not done after ${minutes} minutes`
      : done.error !== undefined
        ? done.error.message
        : done.signal !== null
          ? `killed by ${done.signal}`
          : `failed with status ${done.status}`;
  const lines = `${done.stdout ?? ''}\n${done.stderr ?? ''}`.split('\n').filter((line) => line.trim() !== '');
  const picked = telling === undefined ? [] : lines.filter((line) => telling.test(line));
  const advice = picked.some((line) => unreachable.test(line)) ? [noNetwork] : [];
  throw new SetupError(
    [`${command} ${why}`, ...advice, ...(picked.length > 0 ? picked : lines).slice(-tail)].join('\n  '),
  );
}
