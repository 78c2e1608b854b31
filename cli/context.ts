/** What the global flags say, and how a command gets it. */
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { RunstateError } from '../errors/index.ts';

export interface Context {
  /** The run directory, absolute. */
  readonly root: string;
  /** Absolute. */
  readonly log?: string;
  readonly logFormat: 'text' | 'json';
  readonly debug: boolean;
  /** The OCI runtime's binary. */
  readonly runtime?: string;
  /** Whose command line is to find its sandboxes, too. */
  readonly compat?: 'runsc';
}

/** As commander reads them. */
export interface GlobalOptions {
  readonly root: string;
  readonly log?: string;
  readonly logFormat: 'text' | 'json';
  readonly debug?: boolean;
  readonly runtime?: string;
  readonly compat?: 'runsc';
  readonly systemdCgroup?: boolean;
}

export const defaultRoot = '/run/runstate';

/** Adds the flags that stand before the command. */
export function addGlobalOptions(program: Command): Command {
  return program
    .addOption(
      new Option('--root <dir>', 'directory of this set of sandboxes')
        .env('RUNSTATE_ROOT')
        .default(defaultRoot),
    )
    .option('--log <file>', 'also append errors, and the supervisor its log, to this file')
    .addOption(new Option('--log-format <format>', 'of the log').choices(['text', 'json']).default('text'))
    .option('--debug', 'log every transition, and show where errors come from')
    .option('--runtime <binary>', 'the OCI runtime that runs containers (default: runc)')
    .addOption(
      new Option(
        '--compat <program>',
        'keep files by which that program finds the sandboxes under --root, too',
      )
        .choices(['runsc'])
        .env('RUNSTATE_COMPAT'),
    )
    .addOption(new Option('--systemd-cgroup', 'refused: runstate makes its cgroups itself').hideHelp())
    .addOption(new Option('--rootless <value>', "accepted for runc's callers, not used").hideHelp())
    .addOption(new Option('--criu <binary>', "accepted for runc's callers, not used").hideHelp());
}

/** @throws RunstateError USAGE for what cannot be honoured */
export function contextOf(options: GlobalOptions): Context {
  if (options.systemdCgroup === true)
    throw new RunstateError('USAGE', {
      why: '--systemd-cgroup is not supported: runstate makes its cgroups itself; set your engine to the cgroupfs driver (podman: --cgroup-manager cgroupfs; docker: --exec-opt native.cgroupdriver=cgroupfs)',
    });
  if (options.root === '') throw new RunstateError('USAGE', { why: '--root must not be empty' });
  return {
    root: resolve(options.root),
    logFormat: options.logFormat,
    debug: options.debug === true,
    ...(options.log === undefined ? {} : { log: resolve(options.log) }),
    ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
    ...(options.compat === undefined ? {} : { compat: options.compat }),
  };
}
