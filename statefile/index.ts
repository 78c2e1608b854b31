export type { Compression, StatefileHeader } from './header.ts';
export { inspectStatefile, readStatefileHeader, type Inspection } from './inspect.ts';
export { stageStatefile } from './stage.ts';
export { StatefileWriter } from './writer.ts';
