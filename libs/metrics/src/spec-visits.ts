import { Xoroshiro128Plus, sigmoid } from '@factory/domain';

/** Uniform and normal numbers by seed. */
export function randomOf(seed: number) {
  const generator = new Xoroshiro128Plus(seed);
  const uniform = () => ((generator.int32() >>> 0) + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

/**
 * Visits of visitors who come up to five times and are alike from visit to visit, scored by two models that are both a
 * little wrong. Weights: goals 1, others 4.
 */
export function drawVisits(visitors: number, seed: number) {
  const { uniform, normal } = randomOf(seed);
  const [champion, challenger, labels, weights, groups]: number[][] = [[], [], [], [], []];
  for (let visitor = 0; visitor < visitors; visitor++) {
    const own = normal();
    const visits = 1 + Math.floor(5 * uniform() ** 2);
    for (let visit = 0; visit < visits; visit++) {
      const known = -1.6 + own + 0.5 * normal();
      const goal = uniform() < sigmoid(known + 0.8 * own);
      champion?.push(sigmoid(0.8 * known - 0.2));
      challenger?.push(sigmoid(1.1 * known + 0.1));
      labels?.push(goal ? 1 : 0);
      weights?.push(goal ? 1 : 4);
      groups?.push(visitor);
    }
  }
  return {
    champion: Float64Array.from(champion ?? []),
    challenger: Float64Array.from(challenger ?? []),
    labels: Uint8Array.from(labels ?? []),
    weights: Float64Array.from(weights ?? []),
    groups: Uint32Array.from(groups ?? []),
  };
}
