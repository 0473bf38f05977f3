/** Mean and sample deviation (n - 1), in two passes. The deviation of fewer than two values is 0. */
export function meanAndDeviation(values: Float64Array): { mean: number; deviation: number } {
  if (values.length === 0) return { mean: 0, deviation: 0 };
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  if (values.length < 2) return { mean, deviation: 0 };
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
