export { usualLimits, type WatchdogLimits } from './limits.ts';
export { Watchdog, type WatchdogOptions } from './watchdog.ts';
