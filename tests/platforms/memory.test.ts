import { existsSync } from 'node:fs';
import { memoryPlatform } from '../../platforms/memory/index.ts';
import { compliance } from './compliance.ts';

const process = (args: readonly string[]) => ({ args, cwd: '/' });

compliance({
  name: 'memory',
  pace: 100,
  platform: memoryPlatform,
  process,
  spec: (args, resources) =>
    Promise.resolve({
      ociVersion: '1.0.2',
      process: process(args),
      ...(resources === undefined ? {} : { linux: { resources } }),
    }),
  remains: ({ directory }) => (existsSync(directory) ? [directory] : []),
  programs: {
    forever: ['sleep', 'infinity'],
    exits: (code) => ['exit', String(code)],
    lasts: (ms) => ['sleep', String(ms / 1000)],
    traps: (signal, code) => ['trap', String(signal), String(code)],
    dies: (signal) => ['die', String(signal)],
    prints: (line) => ['echo', line],
    forks: ['/bin/fork', 'sleep', 'infinity'],
    hog: ['hog'],
    missing: ['nope'],
    notExecutable: ['/etc/text'],
  },
});
