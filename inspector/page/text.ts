/** Times, as they are shown. */

/** `950 ms`, `4.2 s`, `3 min`, `5 h`. @param ms of a duration */
export function ageText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  return `${Math.floor(ms / 3_600_000)} h`;
}

/** `14:03:07.123`. @param at milliseconds since the Unix epoch */
export function clockText(at: number): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = String(time.getMilliseconds()).padStart(3, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${ms}`;
}

/** What led along an edge, as the charts write it: `freeze done` for `xstate.done.actor.freeze`. */
export function eventText(event: string): string {
  const [, how, what = ''] = /^xstate\.(done\.actor|error\.actor|after)\.([^.]*)/.exec(event) ?? [];
  if (how === 'done.actor') return `${what} done`;
  if (how === 'error.actor') return `${what} fails`;
  if (how === 'after') return `deadline of ${what}`;
  return event === '' ? 'at once' : event;
}
