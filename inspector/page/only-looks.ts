import { isLook } from '../../observation/looks.ts';
import type { Row } from '../../observation/timeline.ts';

/** True for a call of which nothing came but an answer. */
export const onlyLooks = (row: Row): boolean =>
  row.type === 'span' && row.outcome !== 'failed' && isLook(row.method) && row.parts.length === 0;
