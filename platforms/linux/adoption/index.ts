export { adoptContainers } from './adopt-sandbox.ts';
export { endKeepers, endTools } from './end-tools.ts';
