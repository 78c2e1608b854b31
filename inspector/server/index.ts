/** The live inspector's server: pages on the loopback address, of sandboxes that live or of a file. */
export { fileSource } from './file-source.ts';
export { InspectorServer, type InspectorOptions } from './inspector-server.ts';
export { liveSource } from './live-source.ts';
export type { Source } from './source.ts';
