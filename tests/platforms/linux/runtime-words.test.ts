import test from 'ava';
import { runtimeFailure } from '../../../platforms/linux/runc/failure.ts';
import { tellingLines } from '../../../platforms/linux/runc/log.ts';

const line = (level: string, msg: string): string => JSON.stringify({ level, msg, time: 'now' });

test('of a log the errors are telling, each once; without any, all of it', (t) => {
  const log = [
    line('warning', 'odd'),
    line('error', 'first\n'),
    line('error', 'first'),
    line('fatal', 'last'),
  ];
  t.deepEqual(tellingLines(log.join('\n')), ['first', 'last']);
  t.deepEqual(tellingLines(line('warning', 'odd')), ['odd']);
  t.deepEqual(tellingLines(`${line('info', 'fine')}\npanic: boom\n\n`), ['panic: boom']);
  t.deepEqual(tellingLines('"text"\n{"level":"error"}'), ['"text"', '{"level":"error"}']);
  t.deepEqual(tellingLines(''), []);
});

const failure = (...lines: readonly string[]) =>
  runtimeFailure({ command: 'runc create', status: 'exit code 1', lines });
const start = 'runc create failed: unable to start container process: ';

test('a program at fault is told apart from the rest, by runc’s words', (t) => {
  const cases = [
    ['exec: "nope": executable file not found in $PATH', 'COMMAND_NOT_FOUND', 127],
    ['exec: "/a b/\\"c\\"": stat /a b/"c": no such file or directory', 'COMMAND_NOT_FOUND', 127],
    ['exec: "/etc/passwd": permission denied', 'COMMAND_NOT_EXECUTABLE', 126],
    ['exec: "/tmp": is a directory', 'COMMAND_NOT_EXECUTABLE', 126],
    ['error mounting "/x" to rootfs at "/y": no such file or directory', 'RUNTIME_FAILED', 1],
    ['chdir to cwd ("/x") set in config.json failed: permission denied', 'RUNTIME_FAILED', 1],
  ] as const;
  for (const [words, code, exitCode] of cases) {
    const error = failure('something before', `${start}${words}`);
    t.is(error.code, code, words);
    t.is(error.exitCode, exitCode, words);
  }
  t.is(
    failure(`${start}exec: "/a b": stat /a b: no such file or directory`).message,
    'Failed to load /a b: no such file or directory',
  );
  t.is(failure().message, 'runc create exit code 1: it said nothing');
  t.is(failure('one', 'two').message, 'runc create exit code 1: one; two');
});
