import { Argument } from 'commander';
import { action, examples, type CommandModule } from '../command.ts';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { modelOf } from '../completion/model.ts';
import { zshScript } from '../completion/zsh.ts';
import type { Context } from '../context.ts';
import { print } from '../output/print.ts';
import { buildProgram } from '../program.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

export const completion: CommandModule = {
  define: (command) =>
    command
      .description('Prints a script that teaches a shell the commands, flags and containers of runstate.')
      .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(scripts)))
      .addHelpText(
        'after',
        examples(
          ['For this bash', 'source <(runstate completion bash)'],
          ['For every zsh', 'runstate completion zsh > ~/.zfunc/_runstate   # a directory of your $fpath'],
          ['For every fish', 'runstate completion fish > ~/.config/fish/completions/runstate.fish'],
        ),
      )
      .action(action(completionCommand)),
};

async function completionCommand(_context: Context, shell: keyof typeof scripts): Promise<void> {
  print(scripts[shell](modelOf(await buildProgram('all'))));
}
