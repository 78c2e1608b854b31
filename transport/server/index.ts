export {
  WithFiles,
  type Call,
  type Handler,
  type Handlers,
  type PendingCall,
  type Reply,
} from './handler.ts';
export { ReceivedFiles } from './received-files.ts';
export { ControlServer, type ServerOptions } from './server.ts';
export type { CallObserver, CallObservers } from './observers.ts';
export type { CallStatistics, MethodStatistics } from './statistics.ts';
