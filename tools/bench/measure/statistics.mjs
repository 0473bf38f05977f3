/**
 * @param {readonly number[]} values at least one
 * @returns {number}
 */
export function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * @param {readonly number[]} values at least one
 * @returns {number} the middle value, or the mean of the two middle values
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return meanOf(sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1));
}

/**
 * Difference of two means and its standard error for unequal variances (Welch 1947).
 *
 * @param {readonly number[]} a at least two
 * @param {readonly number[]} b at least two
 * @returns {{difference: number, standardError: number, deviations: [number, number]}} a - b; sample standard deviations
 */
export function welch(a, b) {
  const [varianceA, varianceB] = [variance(a), variance(b)];
  return {
    difference: meanOf(a) - meanOf(b),
    standardError: Math.sqrt(varianceA / a.length + varianceB / b.length),
    deviations: [Math.sqrt(varianceA), Math.sqrt(varianceB)],
  };
}

/**
 * Standard deviation of the population, estimated from a sample.
 *
 * @param {readonly number[]} values at least two
 */
function variance(values) {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
