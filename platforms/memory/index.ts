export { memoryPlatform } from './memory-platform.ts';
