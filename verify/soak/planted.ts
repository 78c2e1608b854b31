import { openSync } from 'node:fs';
import type { Platform } from '../../platforms/platform.ts';

export const plants = ['descriptor', 'listener', 'memory'] as const;

/** What is kept of each sandbox that has gone: an open file, a listener on the process, or 16 KiB. */
export type Plant = (typeof plants)[number];

const kept: unknown[] = [];

/** A platform with a leak, to see that the soak finds it; nothing else has one. */
export function leaky(platform: Platform, plant: Plant): Platform {
  return {
    ...platform,
    openSandbox: (options, listener, signal) => {
      leak(plant, options.id);
      return platform.openSandbox(options, listener, signal);
    },
  };
}

function leak(plant: Plant, id: string): void {
  if (plant === 'descriptor') openSync('/dev/null', 'r');
  else if (plant === 'memory')
    kept.push(Array.from({ length: 2048 }, (_, number) => number + kept.length / 2));
  else process.on('SIGWINCH', () => kept.push(id));
}
