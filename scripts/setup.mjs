// The set-up that `npm start` and `npm test` do first. Plain JavaScript: nothing is installed yet when it runs.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

process.chdir(new URL('..', import.meta.url).pathname);
const run = (file, ...args) => execFileSync(file, args, { stdio: 'inherit' });

if (!existsSync('node_modules/.package-lock.json')) run('npm', 'ci');
run('node_modules/.bin/tsc', '-p', 'tsconfig.json');
