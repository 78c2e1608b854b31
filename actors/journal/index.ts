export { imageOf, type ChartImage, type ContainerImage, type SandboxImage } from './image.ts';
export { Journal } from './journal.ts';
export { JournalKeeper } from './keeper.ts';
export { pastOf } from './past.ts';
export { readHost, readJournal, scanJournal, type ReadJournal, type ScannedJournal } from './read-journal.ts';
export { journalVersion, type JournalRecord } from './record.ts';
