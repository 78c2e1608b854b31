import type { Flag, Model, Word } from './model.ts';

/** The script for zsh: a file \`_runstate\` on $fpath, or to be sourced. */
export function zshScript({ flags, commands }: Model): string {
  return `#compdef runstate
# zsh completion for runstate. For every shell: runstate completion zsh > ~/.zfunc/_runstate (a directory of your $fpath)
_runstate_ids() {
  local -a ids root
  [[ -n \${opt_args[--root]} ]] && root=(--root "\${opt_args[--root]}")
  ids=(\${(f)"$(runstate $root list --quiet 2>/dev/null)"})
  _describe -t containers container ids
}
_runstate() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \\
${flags
  .flatMap(argument)
  .map((one) => `    ${one} \\`)
  .join('\n')}
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command)
      local -a commands
      commands=(
${commands.map(({ name, about }) => `        ${quoted(`${name}:${about.replaceAll(':', '\\:')}`)}`).join('\n')}
      )
      _describe -t commands command commands ;;
    argument)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _runstate ]]; then _runstate "$@"; else compdef _runstate runstate; fi
`;
}

function commandCase({ name, flags, takesId, takesIds, choices }: Word): string {
  const first = takesIds
    ? ["'*:container:_runstate_ids'"]
    : takesId
      ? ["'1:container:_runstate_ids'", "'*:argument:_default'"]
      : choices.length > 0
        ? [`'1:choice:(${choices.join(' ')})'`]
        : ["'*:argument:_default'"];
  return `        ${name}) _arguments ${[...flags.flatMap(argument), ...first].join(' ')} ;;`;
}

function argument({ short, long, about, value, choices }: Flag): readonly string[] {
  const action = choices.length > 0 ? `(${choices.join(' ')})` : value === 'file' ? '_files' : ' ';
  const text = about.replace(/[[\]:\\]/g, (found) => `\\${found}`);
  const rest = `[${text}]${value === 'none' ? '' : `:value:${action}`}`;
  return [short, long].flatMap((one) => (one === undefined ? [] : [quoted(`${one}${rest}`)]));
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
