import type { Alarm } from '../../../observation/types.ts';
import { seconds } from './seconds.ts';

/** What the watchdog tells now. */
export function currentAlarms(alarms: readonly Alarm[], now: number): readonly string[] {
  if (alarms.length === 0) return ['alarms: none'];
  return [
    'alarms:',
    ...alarms.map(
      ({ kind, thing, since, waitsFor }) =>
        `  ${kind}: ${thing}, for ${seconds(now - since)}: waits for ${waitsFor}`,
    ),
  ];
}
