import { readFileSync } from 'node:fs';

/** Of this package; `unknown` where its package.json does not lie beside it. @throws SystemError when it cannot be read */
export function packageVersion(): string {
  // From dist/, and from the sources where they run directly.
  for (const place of ['../package.json', './package.json']) {
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
