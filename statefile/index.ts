export type { Compression, HeaderFields, StatefileHeader } from './format/header.ts';
export { inspectStatefile, readStatefileHeader, type InspectedEntry, type Inspection } from './inspect.ts';
export { StatefileReader, type ReaderOptions, type Verified } from './reader.ts';
export { stageStatefile, type Staged, type StagedEntry, type StageOptions } from './stage.ts';
export { StatefileWriter, type WriterOptions, type Written } from './writer.ts';
