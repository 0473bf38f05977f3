/**
 * Corrects the log-odds for undersampling (rules R6): true logit = network logit + shift. Source: King and Zeng
 * 2001, "Logistic Regression in Rare Events Data", prior correction.
 *
 * @param f1 share of the goals that was drawn, in (0, 1]
 * @param f0 share of the other visits that was drawn, in (0, 1]
 * @returns ln f0 - ln f1
 */
export function priorShift(f1: number, f0: number): number {
  return Math.log(f0) - Math.log(f1);
}

/** The logistic function, stable for large |logit|. */
export function sigmoid(logit: number): number {
  if (logit >= 0) return 1 / (1 + Math.exp(-logit));
  const e = Math.exp(logit);
  return e / (1 + e);
}
