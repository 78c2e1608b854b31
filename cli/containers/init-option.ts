import { Option } from 'commander';

/** What pid 1 of containers is. */
export function initOption(): Option {
  return new Option(
    '--init <kind>',
    "pid 1: runstate's own, by which what is exec'd is part of a checkpoint, or none: the program itself",
  ).choices(['runstate', 'none']);
}
