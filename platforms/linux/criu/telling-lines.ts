import { readFileSync } from 'node:fs';
import { isErrno } from '../system-error.ts';

/** `(00.163981) Error (criu/files-reg.c:1790): Can't lookup mount=26 …`; in a restore with a pid before `Error`. */
const line = /^(?:\(\d+\.\d+\)\s*)?(?:\d+: )?Error \(([^):]*)(?::\d+)?\):\s*(.*)$/;
/** Said at every start on machines like these, and no reason for anything. */
const idle = /RLIMIT_NOFILE|Hardware breakpoints/;
/** That it failed, said on the way out: no cause. */
const echo =
  /^(?:Dumping FAILED|Restoring FAILED|Can't restore \(|\d+ exited, |\d+ killed by |Dump \S+ \(pid: )/;
const mostLines = 4;
const longest = 300;

/** By CRIU's source files, what it was at; the first that fits. */
const subjects: readonly (readonly [RegExp, string])[] = [
  [/^(?:sk-|net|netfilter|libnetlink|tun|soccr\/|sockets)/, 'network'],
  [/^(?:mount|fsroots?|filesystems)/, 'mounts'],
  [/^(?:files|file-|pipes|fifo|fsnotify|eventfd|eventpoll|signalfd|timerfd|memfd|io_uring)/, 'files'],
  [/^tty/, 'terminals'],
  [/^(?:mem|page|shmem|pagemap|uffd|vma|aio)/, 'memory'],
  [/^cgroup/, 'cgroups'],
  [/^(?:namespaces|pidns|timens|uts_ns|ipc_ns|user)/, 'namespaces'],
  [/^(?:image|protobuf|img-|cr-service|crtools|config)/, 'images'],
  [/^(?:seize|parasite|ptrace|cr-|pstree|proc_parse|seccomp|lsm|apparmor|kerndat|arch\/|pie\/)/, 'processes'],
];

/** What of CRIU's log tells why it failed, the first cause first, each once; none when nothing does. @throws SystemError */
export function tellingLines(log: string): readonly string[] {
  const texts = errorsOf(log).map(({ text }) => text);
  const causes = texts.filter((one) => !echo.test(one));
  return [...new Set(causes.length === 0 ? texts : causes)].slice(0, mostLines);
}

/** What CRIU was at when it failed first: its files, its network, … Undefined when its log does not tell. @throws SystemError */
export function failedSubject(log: string): string | undefined {
  const causes = errorsOf(log).filter(({ text }) => !echo.test(text));
  // Some files serve all: then what called them tells, which fails next.
  return causes.flatMap(({ file }) => subjectOf(file.replace(/^(?:criu|compel)\//, '')))[0];
}

const subjectOf = (file: string): readonly string[] =>
  subjects
    .filter(([names]) => names.test(file))
    .map(([, subject]) => subject)
    .slice(0, 1);

function errorsOf(log: string): readonly { readonly file: string; readonly text: string }[] {
  return read(log)
    .split('\n')
    .flatMap((one) => {
      const [found, file = '', text = ''] = line.exec(one) ?? [];
      return found === undefined || idle.test(text) ? [] : [{ file, text: text.trim().slice(0, longest) }];
    });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return '';
    throw error;
  }
}
