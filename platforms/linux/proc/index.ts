export { foregroundOf } from './foreground.ts';
export { processInfos } from './process-infos.ts';
export { containerPid, hostPidOf, readStat, type ProcessStat } from './stat.ts';
