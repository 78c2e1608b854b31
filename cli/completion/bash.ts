import type { Flag, Model, Word } from './model.ts';

/** The script for bash, 4 and later; it needs no bash-completion package. */
export function bashScript({ flags, commands }: Model): string {
  return `# bash completion for runstate. For this shell: source <(runstate completion bash)
_runstate() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= root=() i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${withValue(flags).join('|')})
        [[ \${COMP_WORDS[i]} == --root ]] && root=(--root "\${COMP_WORDS[i+1]}")
        ((i++)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command:$prev in
${[...flags.map((flag) => ({ of: '', flag })), ...commands.flatMap((one) => one.flags.map((flag) => ({ of: one.name, flag })))].flatMap(({ of, flag }) => valueCase(of, flag)).join('\n')}
  esac
  local flags words
  case $command in
    '') flags='${names(flags)}' words='${commands.map(({ name }) => name).join(' ')} help' ;;
${commands.map(commandCase).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  else
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F _runstate runstate
`;
}

const names = (flags: readonly Flag[]): string =>
  flags.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long])).join(' ');

const withValue = (flags: readonly Flag[]): readonly string[] =>
  flags.filter(({ value }) => value !== 'none').map(({ long }) => long);

function valueCase(command: string, { short, long, value, choices }: Flag): readonly string[] {
  if (value === 'none') return [];
  const reply =
    choices.length > 0
      ? `($(compgen -W '${choices.join(' ')}' -- "$cur"))`
      : value === 'file'
        ? '($(compgen -f -- "$cur"))'
        : '()';
  const patterns = [short, long].flatMap((one) => (one === undefined ? [] : [`'${command}:${one}'`]));
  return [`    ${patterns.join('|')}) COMPREPLY=${reply}; return ;;`];
}

function commandCase({ name, flags, takesId, takesIds, choices }: Word): string {
  const ids = '$(runstate "${root[@]}" list --quiet 2>/dev/null)';
  const words = takesIds
    ? `words="${ids}"`
    : takesId
      ? `; ((COMP_CWORD == i + 1)) || [[ $prev == -* ]] && words="${ids}"`
      : `words='${choices.join(' ')}'`;
  return `    ${name}) flags='${names(flags)}' ${words} ;;`;
}
