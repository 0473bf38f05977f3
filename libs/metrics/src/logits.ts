import { clipProbability } from './probability-metrics';

/** Log-odds of probabilities, kept finite by clipping. */
export function logits(probabilities: Float64Array): Float64Array {
  return probabilities.map((probability) => {
    const clipped = clipProbability(probability);
    return Math.log(clipped / (1 - clipped));
  });
}

/** Whether rows with weight have the goal, and others do not. */
export function hasBothClasses(labels: Uint8Array, weights: Float64Array): boolean {
  let [goals, others] = [false, false];
  for (let row = 0; row < labels.length && !(goals && others); row++) {
    if (!((weights[row] ?? 0) > 0)) continue;
    if (labels[row] === 1) goals = true;
    else others = true;
  }
  return goals && others;
}
