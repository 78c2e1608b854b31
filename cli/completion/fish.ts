import type { Flag, Model, Word } from './model.ts';

/** The script for fish: a file runstate.fish among its completions. */
export function fishScript({ flags, commands }: Model): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `# fish completion for runstate
function __runstate_ids
  set -l words (commandline -opc)
  set -l root
  if set -l at (contains -i -- --root $words); and test $at -lt (count $words)
    set root --root $words[(math $at + 1)]
  end
  runstate $root list --quiet 2>/dev/null
end
complete -c runstate -f
${flags.map((flag) => `complete -c runstate -n 'not __fish_seen_subcommand_from ${names}'${flagOf(flag)}`).join('\n')}
${commands.flatMap((one) => commandLines(one, names)).join('\n')}
`;
}

function commandLines({ name, about, flags, takesId, choices }: Word, names: string): readonly string[] {
  const inside = `complete -c runstate -n '__fish_seen_subcommand_from ${name}'`;
  return [
    `complete -c runstate -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quoted(about)}`,
    ...flags.map((flag) => `${inside}${flagOf(flag)}`),
    ...(takesId ? [`${inside} -a '(__runstate_ids)'`] : []),
    ...(choices.length > 0 ? [`${inside} -a ${quoted(choices.join(' '))}`] : []),
  ];
}

function flagOf({ short, long, about, value, choices }: Flag): string {
  const letter = short === undefined ? '' : ` -s ${short.slice(1)}`;
  const after =
    value === 'none'
      ? ''
      : choices.length > 0
        ? ` -x -a ${quoted(choices.join(' '))}`
        : value === 'file'
          ? ' -r -F'
          : ' -x';
  return `${letter} -l ${long.slice(2)}${after} -d ${quoted(about)}`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
