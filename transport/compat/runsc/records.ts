/**
 * What the original's command line reads of a container before it makes any call: runsc/container/container.go and
 * state_file.go, of three times.
 */
import type { PublicState } from '../../../machines/public-state.ts';
import type { ContainerSpec } from '../../../oci/types.ts';

export interface ContainerFacts {
  readonly cid: string;
  readonly sandbox: string;
  readonly sandboxPid: number;
  readonly bundle: string;
  readonly spec: ContainerSpec;
  readonly createdAt: Date;
  readonly state: PublicState;
}

/** One version's files of a container, below a directory that its clients get as `--root`. */
export interface RecordFormat {
  /** Below runstate's own `--root`; "" is that itself. */
  readonly directory: string;
  /** Of the container, below that directory; the first is the record, the others its locks. */
  readonly files: (
    facts: Pick<ContainerFacts, 'cid' | 'sandbox'>,
  ) => readonly [record: string, ...locks: string[]];
  /** Of which the record is JSON. @param root the directory, absolute */
  readonly record: (facts: ContainerFacts, root: string) => unknown;
}

/** container.Status: its number, and its name in later files. */
const statuses: Readonly<Record<PublicState, readonly [number, string]>> = {
  creating: [1, 'creating'],
  created: [0, 'created'],
  running: [3, 'running'],
  paused: [2, 'paused'],
  restored: [2, 'paused'],
  checkpointed: [4, 'stopped'],
  stopped: [4, 'stopped'],
  destroyed: [4, 'stopped'],
};

const common = ({ cid, spec, bundle, createdAt }: ContainerFacts) => ({
  id: cid,
  spec,
  bundleDir: bundle,
  createdAt: createdAt.toISOString(),
  owner: '',
  consoleSocket: '',
});

/** Of 2022 and later (bookworm's release): `<cid>_sandbox:<sid>.state`. */
const of2022: RecordFormat = {
  directory: '',
  files: ({ cid, sandbox }) => [`${cid}_sandbox:${sandbox}.state`, `${cid}_sandbox:${sandbox}.lock`],
  record: (facts, root) => ({
    ...common(facts),
    status: statuses[facts.state][1],
    goferPid: 0,
    sandbox: {
      id: facts.sandbox,
      pid: facts.sandboxPid,
      uid: 0,
      gid: 0,
      cgroup: { cgroupunknown: null },
      originalOomScoreAdj: 0,
    },
    compatCgroup: { cgroupunknown: null },
    saver: { rootDir: root, id: { sandboxId: facts.sandbox, containerId: facts.cid } },
  }),
};

/** Of November 2019 to 2021: `<cid>.state`. */
const of2019: RecordFormat = {
  directory: 'runsc-2019',
  files: ({ cid }) => [`${cid}.state`, `${cid}.lock`],
  record: (facts, root) => ({
    ...common(facts),
    status: statuses[facts.state][0],
    goferPid: 0,
    sandbox: { id: facts.sandbox, pid: facts.sandboxPid, cgroup: null },
    saver: { rootDir: root, id: facts.cid },
  }),
};

/** Of October 2019: `<cid>/meta.json`. */
const ofOctober2019: RecordFormat = {
  directory: 'runsc-2019-10',
  files: ({ cid }) => [`${cid}/meta.json`, `${cid}/meta.lock`],
  record: (facts, root) => ({
    ...common(facts),
    status: statuses[facts.state][0],
    goferPid: 0,
    sandbox: { id: facts.sandbox, pid: facts.sandboxPid, cgroup: null },
    root: `${root}/${facts.cid}`,
    RootContainerDir: root,
  }),
};

/** In directories of their own, as the list of one falls over the files of another. */
export const recordFormats: readonly RecordFormat[] = [of2022, of2019, ofOctober2019];
