/**
 * Binary cross-entropy of one row from its logit, in nats, stable for large |logit|:
 * max(z, 0) - z y + ln(1 + e^-|z|). Source: TensorFlow, `sigmoid_cross_entropy_with_logits`.
 */
export function crossEntropyOfLogit(logit: number, label: number): number {
  return Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
}

/** Whether the row is on the right side of probability .5 (exactly .5 counts as "no", as in Keras). */
export function isCorrect(logit: number, label: number): boolean {
  return logit > 0 === (label === 1);
}
