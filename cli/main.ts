/** The command line's entry: `runstate`. */
import { runProgram } from './program.ts';

// Not awaited here: the bundle of it is no ES module.
void runProgram(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
  // The work is done and everything is closed. Should something still keep the program alive, it is not waited for.
  setTimeout(() => process.exit(), 1000).unref();
});
