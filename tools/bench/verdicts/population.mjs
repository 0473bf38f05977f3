import { Xoroshiro128Plus, sigmoid } from '@factory/domain';

/**
 * Visits with a known propensity, and models with a known error: a model's log-odds are the true ones plus its own
 * normal error with a given standard deviation, which determines the model's log-loss in an infinite
 * population.
 *
 * @typedef {object} JudgedVisits
 * @property {Float64Array[]} scores of each model
 * @property {Uint8Array} labels
 * @property {Float64Array} weights
 * @property {Uint32Array} groups visitors
 */

/** About two goals in a hundred visits; the visits of a visitor are similar. */
const CENTRE = -5.1;
const OF_VISITOR = 1.1;
const OF_VISIT = 1;
/** Drawn share of the visits without a goal. */
const DRAWN = 0.16;
/** Variance shared by all errors: models learn from nearly the same rows. */
const COMMON = 0.5;
const LARGEST_ERROR = 2;
const STEPS = 40;

/** @param {number} seed */
export function randomOf(seed) {
  const generator = new Xoroshiro128Plus(seed);
  const uniform = () => ((generator.int32() >>> 0) + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

/**
 * Visits that no model has scored yet.
 *
 * @typedef {object} Visits
 * @property {Float64Array} logits true log-odds
 * @property {Float64Array} common the part of the error that all models share, standard normal
 * @property {Uint8Array} labels
 * @property {Float64Array} weights
 * @property {Uint32Array} groups visitors, from 0
 */

/**
 * Draws visits until they hold the given number of goals.
 *
 * @param {number} goals
 * @param {number} seed
 * @returns {Visits}
 */
export function drawVisits(goals, seed) {
  const { uniform, normal } = randomOf(seed);
  /** @type {number[]} */
  const logits = [];
  /** @type {number[]} */
  const common = [];
  /** @type {number[]} */
  const labels = [];
  /** @type {number[]} */
  const groups = [];
  let [found, visitors] = [0, 0];
  while (found < goals) {
    const own = CENTRE + OF_VISITOR * normal();
    const visits = 1 + Math.floor(4 * uniform() ** 2);
    const first = labels.length;
    for (let visit = 0; visit < visits; visit++) {
      const logit = own + OF_VISIT * normal();
      const goal = uniform() < sigmoid(logit);
      if (!goal && uniform() >= DRAWN) continue;
      logits.push(logit);
      common.push(normal());
      labels.push(goal ? 1 : 0);
      groups.push(visitors);
      if (goal) found++;
    }
    if (labels.length > first) visitors++;
  }
  return {
    logits: Float64Array.from(logits),
    common: Float64Array.from(common),
    labels: Uint8Array.from(labels),
    weights: Float64Array.from(labels, (label) => (label === 1 ? 1 : 1 / DRAWN)),
    groups: Uint32Array.from(groups),
  };
}

/**
 * Scores of a model whose errors have this standard deviation; the same seed gives the same scores.
 *
 * @param {Visits} visits
 * @param {number} deviation
 * @param {number} seed of the model
 */
export function scoresOf({ logits, common }, deviation, seed) {
  const { normal } = randomOf(seed);
  return logits.map((logit, row) => {
    const error = Math.sqrt(COMMON) * (common[row] ?? 0) + Math.sqrt(1 - COMMON) * normal();
    return sigmoid(logit + deviation * error);
  });
}

/**
 * Visits of several draws, as visits of different visitors.
 *
 * @param {readonly Visits[]} parts
 * @returns {Pick<Visits, 'labels' | 'weights' | 'groups'>}
 */
export function joined(parts) {
  const rows = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const [labels, weights, groups] = [new Uint8Array(rows), new Float64Array(rows), new Uint32Array(rows)];
  let [at, visitors] = [0, 0];
  for (const part of parts) {
    labels.set(part.labels, at);
    weights.set(part.weights, at);
    groups.set(
      part.groups.map((group) => group + visitors),
      at,
    );
    at += part.labels.length;
    visitors += (part.groups.at(-1) ?? -1) + 1;
  }
  return { labels, weights, groups };
}

/** Log-loss in an infinite population by the standard deviation of a model's errors, and the inverse. */
export class TrueLosses {
  /** Log-loss at deviations from 0 to `LARGEST_ERROR`, in equal steps. */
  #losses;

  /** @param {number} visits drawn once, on which the true expectation is taken */
  constructor(visits) {
    const { normal } = randomOf(77);
    const logits = Float64Array.from(
      { length: visits },
      () => CENTRE + OF_VISITOR * normal() + OF_VISIT * normal(),
    );
    const errors = Float64Array.from(logits, () => normal());
    this.#losses = Array.from({ length: STEPS + 1 }, (_, step) => {
      let sum = 0;
      for (let row = 0; row < visits; row++) {
        const truth = sigmoid(logits[row] ?? 0);
        const told = (logits[row] ?? 0) + ((step * LARGEST_ERROR) / STEPS) * (errors[row] ?? 0);
        sum += truth * Math.log1p(Math.exp(-told)) + (1 - truth) * Math.log1p(Math.exp(told));
      }
      return sum / visits;
    });
  }

  /** @param {number} deviation */
  of(deviation) {
    const at = Math.min((deviation / LARGEST_ERROR) * STEPS, STEPS - 1e-9);
    const low = Math.floor(at);
    const [below = 0, above = 0] = [this.#losses[low], this.#losses[low + 1]];
    return below + (at - low) * (above - below);
  }

  /**
   * @param {number} loss
   * @returns {number} the deviation with that loss; 0 if no model is that good
   */
  deviationOf(loss) {
    let [low, high] = [0, LARGEST_ERROR];
    for (let step = 0; step < 50; step++) {
      const middle = (low + high) / 2;
      if (this.of(middle) < loss) low = middle;
      else high = middle;
    }
    return low;
  }
}
