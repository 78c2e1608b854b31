import { readFileSync } from 'node:fs';

/** The name and version on the first line, as container engines read it of a runtime. */
export function versionText(): string {
  return `runstate version ${packageVersion()}\nspec: ${specVersion}\nnode: ${process.version}`;
}

/** The release of the OCI runtime specification that the state document and our own specs name. */
export const specVersion = '1.0.2';

function packageVersion(): string {
  // From dist/cli/, and from cli/ where the sources run directly.
  for (const place of ['../../package.json', '../package.json']) {
    const value = read(new URL(place, import.meta.url));
    if (value !== undefined) return value;
  }
  return 'unknown';
}

function read(file: URL): string | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null || !('version' in value)) return undefined;
    return typeof value.version === 'string' ? value.version : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
