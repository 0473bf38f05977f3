/**
 * Which of many tests reject while the chance of even one false rejection stays at most `level`, however the tests depend
 * on each other. Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".
 *
 * @param pValues [tests]
 * @returns [tests] the smallest family-wise level at which each test rejects
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = pValues.map((_, at) => at).sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const adjusted = new Array<number>(pValues.length).fill(1);
  let most = 0;
  order.forEach((test, rank) => {
    most = Math.max(most, Math.min(1, (pValues.length - rank) * (pValues[test] ?? 1)));
    adjusted[test] = most;
  });
  return adjusted;
}
