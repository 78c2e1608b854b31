/** This process's own inspector, without a debugger: see node:inspector. */
import { Session } from 'node:inspector/promises';

let session: Session | undefined;

/** One connection for the life of the process, made when it is first needed: what samples the heap must stay. */
export function inspectorSession(): Session {
  if (session === undefined) {
    session = new Session();
    session.connect();
  }
  return session;
}
