#!/usr/bin/env node
/** The command line's entry: `runstate`. */
import { runProgram } from './program.ts';

process.exitCode = await runProgram(process.argv.slice(2));
// The work is done and everything is closed. Should something still keep the program alive, it is not waited for.
setTimeout(() => process.exit(), 1000).unref();
