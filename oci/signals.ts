import { RunstateError } from '../errors/index.ts';

/** Linux's signals 1 to 31 by number (x86 and Arm; see signal(7)). */
const names = [
  'HUP',
  'INT',
  'QUIT',
  'ILL',
  'TRAP',
  'ABRT',
  'BUS',
  'FPE',
  'KILL',
  'USR1',
  'SEGV',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'STKFLT',
  'CHLD',
  'CONT',
  'STOP',
  'TSTP',
  'TTIN',
  'TTOU',
  'URG',
  'XCPU',
  'XFSZ',
  'VTALRM',
  'PROF',
  'WINCH',
  'IO',
  'PWR',
  'SYS',
] as const;

const aliases: Readonly<Record<string, string>> = { IOT: 'ABRT', CLD: 'CHLD', POLL: 'IO' };

/** The C libraries keep 32 and 33 to themselves, so to users the first real-time signal is 34. */
const realtimeFirst = 34;
const realtimeLast = 64;

/**
 * The number of a signal given as `KILL`, `SIGKILL`, `kill`, `9`, `SIGRTMIN+1` or `SIGRTMAX-1`. Numbers go from 0, which
 * only probes, to 64.
 * @throws RunstateError BAD_SIGNAL
 */
export function signalNumber(signal: string): number {
  const number = /^\d{1,3}$/.test(signal) ? Number(signal) : numberOfName(signal.toUpperCase());
  if (number === undefined || number > realtimeLast) throw new RunstateError('BAD_SIGNAL', { signal });
  return number;
}

/**
 * The name of a signal, `SIGKILL` for 9; real-time ones are counted from the nearer end. 0, 32 and 33 have none and
 * are given as digits.
 * @throws RunstateError BAD_SIGNAL when it is no number from 0 to 64
 */
export function signalName(number: number): string {
  if (!Number.isInteger(number) || number < 0 || number > realtimeLast) {
    throw new RunstateError('BAD_SIGNAL', { signal: String(number) });
  }
  const name = names[number - 1];
  if (name !== undefined) return `SIG${name}`;
  if (number < realtimeFirst) return String(number);
  const up = number - realtimeFirst;
  const down = realtimeLast - number;
  return up <= down ? `SIGRTMIN${up === 0 ? '' : `+${up}`}` : `SIGRTMAX${down === 0 ? '' : `-${down}`}`;
}

function numberOfName(signal: string): number | undefined {
  const short = signal.startsWith('SIG') ? signal.slice(3) : signal;
  const name = (Object.hasOwn(aliases, short) ? aliases[short] : undefined) ?? short;
  const index = names.findIndex((one) => one === name);
  return index >= 0 ? index + 1 : realtime(name);
}

function realtime(name: string): number | undefined {
  const found = /^RT(MIN(?:\+(\d{1,2}))?|MAX(?:-(\d{1,2}))?)$/.exec(name);
  if (found === null) return undefined;
  const number =
    found[1]?.startsWith('MIN') === true
      ? realtimeFirst + Number(found[2] ?? 0)
      : realtimeLast - Number(found[3] ?? 0);
  return number >= realtimeFirst && number <= realtimeLast ? number : undefined;
}
