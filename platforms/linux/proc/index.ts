export { foregroundOf } from './foreground.ts';
export { processInfos } from './process-infos.ts';
export { containerPid, hostPidOf, readStat, sharesPids, type ProcessStat } from './stat.ts';
