/**
 * Quantile of type 7 (linear between order statistics), the default of R and NumPy.
 * Source: Hyndman and Fan 1996, "Sample Quantiles in Statistical Packages".
 *
 * @param at the i-th smallest value, i in [0, count)
 * @returns 0 if there are no values
 */
export function quantile(at: (index: number) => number, count: number, share: number): number {
  if (count === 0) return 0;
  const position = (count - 1) * share;
  const below = Math.floor(position);
  const low = at(below);
  if (position === below) return low;
  return low + (position - below) * (at(below + 1) - low);
}
