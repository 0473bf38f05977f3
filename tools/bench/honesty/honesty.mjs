import { loadEntry } from '../../packing/load-entry.mjs';

/**
 * @import { Bench, BenchContext, BenchResult } from '../bench.mjs'
 * @import { Figures } from './honest-product.mjs'
 *
 * @typedef {{seeds: number, goals: number, rates: number[]}} Sizes
 * @typedef {{natural: Figures, raw: Figures, goals: number}} Trained
 */

/** Where the mean over all products must be. */
const RATIO = { from: 0.95, to: 1.05 };
const SLOPE = { from: 0.9, to: 1.1 };
/** Log-loss above that of the true propensities, on average. */
const MOST_EXCESS = 0.03;
/** Share of the 95 % intervals that may miss 1: by chance 5 %, and as much again for days that differ. */
const MOST_MISSED = 0.2;

/**
 * Whether published scores are probabilities: on products whose true propensities are known.
 *
 * @type {Bench}
 */
export const honesty = {
  summary:
    'scores of trained winners against the true propensities of simulated products, at three base rates',
  options: {
    seeds: { type: 'string', default: '20' },
    goals: { type: 'string', default: '4000' },
    'base-rates': { type: 'string', default: '150,10,1' },
  },
  help: `  --seeds N          products at each base rate (default 20)
  --goals N          of each product's training window (default 4000)
  --base-rates LIST  in goals per thousand visits (default 150,10,1)`,

  prepare(options) {
    const sizes = {
      seeds: options.count('seeds'),
      goals: options.count('goals'),
      rates: options.counts('base-rates').map((perThousand) => perThousand / 1000),
    };
    return (context) => measure(context, sizes);
  },
};

/**
 * @param {BenchContext} context
 * @param {Sizes} sizes
 * @returns {Promise<BenchResult>}
 */
async function measure({ say }, { seeds, goals, rates }) {
  /** @type {typeof import('./honesty.entry.mjs')} */
  const { trainHonestly } = await loadEntry('tools/bench/honesty/honesty.entry.mjs');
  const rows = [];
  const faults = [];
  for (const baseRate of rates) {
    /** @type {Trained[]} */
    const trained = [];
    for (let seed = 1; seed <= seeds; seed++) {
      say(`base rate ${100 * baseRate} %, product ${seed} of ${seeds}`);
      trained.push(await trainHonestly({ baseRate, goals, seed }));
    }
    for (const kind of /** @type {const} */ (['natural', 'raw'])) {
      const row = meansOf(trained, kind);
      rows.push({ baseRatePercent: 100 * baseRate, scores: kind, ...row });
      if (kind === 'natural') faults.push(...faultsOf(row, baseRate));
    }
  }
  return {
    rows,
    faults,
    notes: [
      `Means over ${seeds} products a base rate, on the two weeks after the window. overTruth: mean score / mean true propensity.`,
      'raw: the same networks with the 1:8 sampling not undone.',
    ],
  };
}

/**
 * @param {readonly Trained[]} trained
 * @param {'natural' | 'raw'} kind
 */
function meansOf(trained, kind) {
  /** @param {(figures: Figures) => number} figure */
  const mean = (figure) => trained.reduce((sum, one) => sum + figure(one[kind]), 0) / trained.length;
  /** @param {(figures: Figures) => number} figure */
  const spread = (figure) => {
    const values = trained.map((one) => figure(one[kind])).sort((a, b) => a - b);
    return `${values[0]?.toFixed(3)} to ${values.at(-1)?.toFixed(3)}`;
  };
  return {
    overTruth: mean(({ overTruth }) => overTruth),
    overTruthRange: spread(({ overTruth }) => overTruth),
    overOutcomes: mean(({ overOutcomes }) => overOutcomes),
    intervalsMissing1: mean(({ lower95, upper95 }) => Number(lower95 > 1 || upper95 < 1)),
    slope: mean(({ slope }) => slope),
    slopeRange: spread(({ slope }) => slope),
    lossAboveTruthPercent: 100 * mean(({ excess }) => excess),
  };
}

/**
 * @param {ReturnType<typeof meansOf>} means
 * @param {number} baseRate
 */
function faultsOf({ overTruth, slope, intervalsMissing1, lossAboveTruthPercent }, baseRate) {
  const at = `base rate ${100 * baseRate} %:`;
  /** @param {number} value @param {{from: number, to: number}} range */
  const outside = (value, { from, to }) => !(value >= from && value <= to);
  return [
    ...(outside(overTruth, RATIO) ? [`${at} mean score is ${overTruth.toFixed(3)} of the truth`] : []),
    ...(outside(slope, SLOPE) ? [`${at} calibration slope is ${slope.toFixed(3)}`] : []),
    ...(intervalsMissing1 > MOST_MISSED
      ? [`${at} ${(100 * intervalsMissing1).toFixed(0)} % of the intervals do not hold 1`]
      : []),
    ...(lossAboveTruthPercent > 100 * MOST_EXCESS
      ? [`${at} log-loss is ${lossAboveTruthPercent.toFixed(2)} % above the truth's`]
      : []),
  ];
}
