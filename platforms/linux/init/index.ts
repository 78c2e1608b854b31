export { checkProgram } from './check-program.ts';
export { chooseInit, type InitChoice } from './choose.ts';
export { Handover, type Handed } from './handover.ts';
export { hasPlace } from './has-place.ts';
export { keepsStatuses } from './keeps-statuses.ts';
export { Program } from './program.ts';
export { initDestination, isPause, throughHelper, withInit } from './wrap.ts';
