import { packageVersion } from '../version.ts';

/** The name and version on the first line, as container engines read it of a runtime. */
export function versionText(): string {
  return `runstate version ${packageVersion()}\nspec: ${specVersion}\nnode: ${process.version}`;
}

/** The release of the OCI runtime specification that the state document and our own specs name. */
export const specVersion = '1.0.2';
