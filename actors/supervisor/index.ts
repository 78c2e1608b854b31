export { Supervisor, type HostedSandbox, type Serve, type SupervisorOptions } from './supervisor.ts';
