/** An age as people read it. @param ms not negative */
export const seconds = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;
