import { findCriu } from '../../platforms/linux/criu/index.ts';
import { linuxPlatform } from '../../platforms/linux/index.ts';
import { makeWire, socketsOf, whyNoWires } from '../control/wires.ts';
import { compliance } from './compliance.ts';
import { remainsOf } from './linux/support/remains.ts';
import { sharedRootfs, shell, shellProcess, whyNot } from './linux/support/sandbox.ts';

const sh = (script: string): readonly string[] => ['/bin/sh', '-c', script];
const process = (args: readonly string[]) => ({ ...shellProcess(''), args });

compliance(
  {
    name: 'linux',
    pace: 1500,
    platform: () => linuxPlatform(),
    process,
    spec: async (args, resources) => {
      const spec = shell(await sharedRootfs(), '');
      return {
        ...spec,
        process: process(args),
        ...(resources === undefined ? {} : { linux: { ...spec.linux, resources } }),
      };
    },
    makeLink: (t) => {
      const [fd] = socketsOf(t, makeWire(t));
      if (fd === undefined) throw new Error('there is no socket');
      return fd;
    },
    remains: remainsOf,
    whyNoLinks: whyNoWires(),
    whyNoCheckpoint: findCriu() === undefined ? 'there is no CRIU that works' : undefined,
    programs: {
      forever: ['sleep', '100000'],
      exits: (code) => sh(`exit ${code}`),
      lasts: (ms) => sh(`sleep ${ms / 1000}; exit 0`),
      traps: (signal, code) => sh(`trap "exit ${code}" ${signal}; while :; do sleep 0.02; done`),
      dies: (signal) => sh(`kill -${signal} $$`),
      prints: (line) => sh(`echo ${line}`),
      forks: sh('sleep 100000 & while :; do sleep 100000; done'),
      hog: sh('x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'),
      missing: ['nope'],
      notExecutable: ['/etc/passwd'],
    },
  },
  whyNot(),
);
