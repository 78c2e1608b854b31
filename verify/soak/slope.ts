export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Of a line through points, with the half of the interval that the true one is in, in 95 of 100 cases. */
export interface Slope {
  readonly value: number;
  readonly uncertainty: number;
}

/**
 * Least squares. Neighbours in a series of samples are alike, so that they tell less than as many independent ones: the
 * uncertainty is larger by the correlation of neighbouring residuals (that of an AR(1) process).
 * @throws RangeError for less than three points, or when all have the same x
 */
export function slopeOf(points: readonly Point[]): Slope {
  const { length: n } = points;
  const mean = (of: (point: Point) => number): number => points.reduce((sum, one) => sum + of(one), 0) / n;
  const [x, y] = [mean((one) => one.x), mean((one) => one.y)];
  const spread = points.reduce((sum, one) => sum + (one.x - x) ** 2, 0);
  if (n < 3 || spread === 0) throw new RangeError(`a slope needs three points, not ${n}`);
  const value = points.reduce((sum, one) => sum + (one.x - x) * (one.y - y), 0) / spread;
  const residuals = points.map((one) => one.y - y - value * (one.x - x));
  const squares = residuals.reduce((sum, one) => sum + one ** 2, 0);
  const neighbours = residuals.slice(1).reduce((sum, one, index) => sum + one * (residuals[index] ?? 0), 0);
  // Beyond that so few points tell nothing of it.
  const alike = squares === 0 ? 0 : Math.max(0, Math.min(0.9, neighbours / squares));
  const error = Math.sqrt(squares / (n - 2) / spread) * Math.sqrt((1 + alike) / (1 - alike));
  return { value, uncertainty: quantile(n - 2) * error };
}

/** Student's t for 97.5 %, by degrees of freedom, to 1 % (an expansion around the normal distribution's). */
function quantile(freedom: number): number {
  const exact = [12.706, 4.303, 3.182, 2.776][freedom - 1];
  const z = 1.96;
  return exact ?? z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}
