// What the machine itself must have: a C compiler with headers, the OCI runtime, a static busybox.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { aptAllowed, aptInstall, installedPackage, unpackInto } from './apt.mjs';
import { isStaticProgram } from './static-program.mjs';
import { SetupError } from './step.mjs';

/** `npm test` brings what only tests use. */
const forTests = process.argv.includes('--tests');

/** `optional`: without it there is something to build and to test nevertheless; what needs it says so itself. */
const needs = [
  { what: 'a C compiler', packages: ['gcc'], found: () => ['cc', 'gcc', 'clang'].some(onPath) },
  {
    what: 'the C library for development',
    packages: ['libc6-dev'],
    found: () => existsSync('/usr/include/stdio.h'),
  },
  { what: "Node's headers", packages: ['libnode-dev', 'libuv1-dev'], found: hasNodeHeaders },
  { what: 'an OCI runtime', packages: ['runc'], found: () => onPath('runc'), optional: true },
  {
    what: 'a static busybox',
    packages: ['busybox-static'],
    found: (root) => findStaticBusybox(root) !== undefined,
    optional: true,
  },
  {
    what: 'nft, for checkpoints of TCP connections',
    packages: ['nftables'],
    found: () => onPath('nft'),
    optional: true,
  },
  {
    what: 'ip, for interfaces that sandboxes are given',
    packages: ['iproute2'],
    found: () => onPath('ip'),
    optional: true,
  },
  {
    what: 'strace, for logs of system calls',
    packages: ['strace'],
    found: () => onPath('strace'),
    optional: true,
  },
  {
    what: 'chromium, in which the inspector is tested',
    packages: ['chromium'],
    found: () => !forTests || onPath('chromium'),
    optional: true,
  },
  {
    what: 'runsc, a client and a server of others for the tests',
    packages: ['runsc'],
    found: () => !forTests || onPath('runsc'),
    optional: true,
  },
];

export const packages = {
  name: 'system packages',
  pending(root) {
    const missing = needs.filter((need) => !need.found(root));
    if (missing.length === 0) return undefined;
    if (aptAllowed()) return `installing ${packagesOf(missing).join(' ')}`;
    const advice = adviceFor(missing);
    if (missing.some((need) => need.optional !== true)) throw new SetupError(advice);
    console.log(`setup: ${advice}\n${goingOn}`);
    return undefined;
  },
  perform(root) {
    const missing = needs.filter((need) => !need.found(root));
    try {
      install(root, packagesOf(missing));
      const still = needs.filter((need) => !need.found(root));
      if (still.length === 0) return undefined;
      throw new SetupError(
        `apt-get calls ${packagesOf(still).join(' ')} installed, but what it should bring is not there; ` +
          `try: sudo apt-get install --reinstall ${packagesOf(still).join(' ')}`,
      );
    } catch (error) {
      const still = needs.filter((need) => !need.found(root));
      if (!(error instanceof SetupError) || still.some((need) => need.optional !== true)) throw error;
      return `${error.message}\nsetup: ${adviceFor(still)}\n${goingOn}`;
    }
  },
};

function install(root, wanted) {
  // The two busybox packages exclude each other. The one that is there stays: ours is only unpacked.
  const unpack = wanted.includes('busybox-static') && installedPackage('busybox');
  const rest = wanted.filter((name) => !unpack || name !== 'busybox-static');
  if (rest.length > 0) aptInstall(rest);
  if (unpack) unpackInto(join(root, 'build', 'busybox-static'), 'busybox-static');
}

const goingOn = 'setup: going on: what needs it will say so';

/** The path of a busybox that needs no libraries, or undefined. */
export function findStaticBusybox(root) {
  const places = [
    '/bin/busybox',
    '/usr/bin/busybox',
    join(root, 'build', 'busybox-static', 'bin', 'busybox'),
  ];
  return places.find((place) => existsSync(place) && isStaticProgram(place));
}

function adviceFor(missing) {
  const what = missing.map((need) => need.what).join(', ');
  return `missing: ${what}; install by: sudo apt-get install ${packagesOf(missing).join(' ')}`;
}

const packagesOf = (missing) => missing.flatMap((need) => need.packages);

/** The same places where native/build.mjs looks. Debian keeps libuv's header beside Node's, not under it. */
function hasNodeHeaders() {
  const own = process.env.npm_config_nodedir;
  return [
    own && join(own, 'include', 'node'),
    join(dirname(process.execPath), '..', 'include', 'node'),
    '/usr/include/node',
  ]
    .filter(Boolean)
    .some(
      (place) =>
        existsSync(join(place, 'node_api.h')) &&
        (existsSync(join(place, 'uv.h')) || existsSync('/usr/include/uv.h')),
    );
}

/**
 * Root's tools may stand in sbin, which a user's PATH leaves out. What npm adds to PATH is not the system's: one of its
 * programs is called nft too.
 */
function onPath(name) {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const folders = [...path, '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      // Not there or not for us: the next folder may have it.
      return false;
    }
  });
}
