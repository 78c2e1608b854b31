#!/usr/bin/env node
// The command line. It is one file that is compiled already (scripts/setup/bundle.mjs), as a container engine calls it
// for every step of every container: a hundred small modules take longer to load than most commands to run. What the
// compiler has made since, by hand, is run instead.
'use strict';
const { readFileSync, statSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { Script } = require('node:vm');

const dist = join(__dirname, '..', 'dist');
const bundle = join(dist, 'bundle', 'runstate.cjs');

const timeOf = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs;
const bundled = timeOf(bundle);
if (bundled === undefined || bundled < (timeOf(join(dist, '.tsbuildinfo')) ?? 0)) {
  const main = join(dist, 'cli', 'main.js');
  if (timeOf(main) === undefined) {
    console.error(`runstate: it is not built yet: run 'npm run setup' in ${join(__dirname, '..')}`);
    process.exitCode = 1;
  } else import(pathToFileURL(main).href);
} else run();

function run() {
  const script = new Script(readFileSync(bundle, 'utf8'), {
    filename: bundle,
    cachedData: readIfThere(`${bundle}.cache`),
  });
  const found = { exports: {} };
  script.runInThisContext()(createRequire(bundle), found, found.exports, bundle, dirname(bundle));
}

// Of another version of V8 it is not taken; without one the bundle is compiled here.
function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
