export { adopt, type Adopted } from './adopt.ts';
