export { requireCriu } from './find-criu.ts';
