import { capabilityNames } from '../../oci/index.ts';
import type { ProcessSpec } from '../../oci/types.ts';
import { RunstateError } from '../../errors/index.ts';
import type { ExecArgs } from '../methods/index.ts';

/**
 * The original's arguments of an exec as OCI's process document. Without capabilities it gets the container's own.
 * A `filename` other than argv[0] takes its place: an OCI runtime cannot run one under the other's name.
 * @throws RunstateError MISSING_ARGUMENT when there is nothing to run
 */
export function processOf(args: ExecArgs): ProcessSpec {
  const [first, ...rest] = args.argv;
  const program = args.filename === '' ? first : args.filename;
  if (program === undefined || program === '')
    throw new RunstateError('MISSING_ARGUMENT', { what: 'exec arguments missing a program' });
  const sets = args.Capabilities;
  return {
    args: [program, ...rest],
    env: args.envv,
    cwd: args.wd === '' ? '/' : args.wd,
    user: { uid: args.KUID, gid: args.KGID, additionalGids: args.ExtraKGIDs },
    ...(sets === null
      ? {}
      : {
          capabilities: {
            bounding: capabilityNames(sets.BoundingCaps),
            effective: capabilityNames(sets.EffectiveCaps),
            permitted: capabilityNames(sets.PermittedCaps),
            inheritable: capabilityNames(sets.InheritableCaps),
            ambient: capabilityNames(sets.AmbientCaps),
          },
        }),
  };
}
