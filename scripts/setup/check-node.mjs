import { SetupError } from './step.mjs';

/** The oldest Node that runs runstate; the same as `engines` in package.json. */
const oldest = [20, 19];

/** Throws a SetupError when this Node is too old. `version` is as in process.versions.node. */
export function checkNode(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  throw new SetupError(
    `runstate needs Node ${oldest.join('.')} or later, and this is ${version} (${process.execPath}); ` +
      'install a newer one from your distribution or nodejs.org',
  );
}
