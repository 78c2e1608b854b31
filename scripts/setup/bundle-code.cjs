// Runs a bundle of the command line, and writes V8's code of all functions that were called: node bundle-code.cjs
// BUNDLE CACHE ARGUMENT…. Without having been called, hardly a function is compiled.
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

const [bundle, cache] = process.argv.splice(2, 2);
const script = new Script(readFileSync(bundle, 'utf8'), { filename: bundle });
const found = { exports: {} };
process.on('exit', () => {
  writeFileSync(cache, script.createCachedData());
});
script.runInThisContext()(createRequire(bundle), found, found.exports, bundle, dirname(bundle));
