export { adoptContainers } from './adopt-sandbox.ts';
