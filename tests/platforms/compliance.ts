/**
 * What every platform must do, as platforms/platform.ts says it: one suite, run on each by a test file of its own.
 * (The habit is that of libp2p's interface-compliance-tests.)
 */
import test from 'ava';
import { checkpoints } from './compliance/checkpoints.ts';
import { failures } from './compliance/failures.ts';
import { freezing } from './compliance/freezing.ts';
import { lives } from './compliance/lives.ts';
import { looks } from './compliance/looks.ts';
import { networks } from './compliance/networks.ts';
import { signals } from './compliance/signals.ts';
import type { Subject } from './compliance/subject.ts';

export type { Programs, Subject } from './compliance/subject.ts';

/** Declares the suite's tests. @param whyNot why this machine cannot run them; it is said, and they are skipped */
export function compliance(subject: Subject, whyNot?: string): void {
  if (whyNot !== undefined) console.log(`compliance of platform ${subject.name} is not tested: ${whyNot}`);
  const declare = whyNot === undefined ? test.serial : test.serial.skip;
  for (const part of [lives, failures, signals, freezing, looks]) part(declare, subject);
  const { whyNoCheckpoint, whyNoLinks } = subject;
  if (whyNoLinks !== undefined)
    console.log(`networks of platform ${subject.name} are not tested: ${whyNoLinks}`);
  networks(whyNoLinks === undefined ? declare : test.serial.skip, subject);
  if (whyNoCheckpoint !== undefined)
    console.log(`checkpoints of platform ${subject.name} are not tested: ${whyNoCheckpoint}`);
  checkpoints(whyNoCheckpoint === undefined ? declare : test.serial.skip, subject);
}
