import { Option } from 'commander';
import { silent } from '../../log/logger.ts';
import { linuxPlatform } from '../../platforms/linux/index.ts';
import { action, examples, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { print } from '../output/print.ts';
import { builtRootfs } from '../rootfs.ts';
import { terminal } from '../../native/index.ts';
import { tour as takeTour } from '../tour/tour.ts';

interface TourOptions {
  readonly rootfs: string;
}

export const tour: CommandModule = {
  define: (command) =>
    command
      .description(
        'Leads a sandbox with real containers through its life, and tells every request, transition and time as it\n' +
          'happens. Ends with 0 only when each step was checked to be true.',
      )
      .addOption(
        new Option('--rootfs <dir>', 'what the containers see').default(
          builtRootfs,
          'the busybox that the set-up made',
        ),
      )
      .addHelpText('after', examples(['What is a sandbox?', 'runstate tour']))
      .action(action(tourCommand)),
};

async function tourCommand(context: Context, { rootfs }: TourOptions): Promise<number> {
  const log = silent;
  const runtime = context.runtime === undefined ? {} : { runtime: context.runtime };
  const platform = linuxPlatform({ ...runtime, log });
  const isColoured = terminal.isTerminal(1) && process.env.NO_COLOR === undefined;
  return takeTour({ platform, rootfs, log, write: print, isColoured });
}
