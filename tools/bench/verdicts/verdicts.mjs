import { loadEntry } from '../../packing/load-entry.mjs';

/**
 * @import { Bench, BenchContext, BenchResult, Row } from '../bench.mjs'
 *
 * @typedef {typeof import('./simulations.entry.mjs')} Simulations
 * @typedef {{goals: number[], replications: number, years: number, yearGoals: number}} Sizes
 */

/** True differences of the challenger's log-loss, as shares of the champion's. */
const DIFFERENCES = [0, 0.01, 0.03, -0.01];
const MOST_WRONG = 0.05;
const MOST_CREEP = 0.005;
const FURTHEST_FROM_MEAN = 0.01;
const KINDS = /** @type {const} */ (['steady', 'creeping', 'reused']);

/**
 * How often verdicts are right when the truth is known.
 *
 * @type {Bench}
 */
export const verdicts = {
  summary:
    'verdicts on pairs of models whose log-losses truly differ by 0, 1, 3 and -1 %, and on years of retrains',
  options: {
    goals: { type: 'string', default: '600,5000' },
    replications: { type: 'string', default: '200' },
    years: { type: 'string', default: '40' },
    'year-goals': { type: 'string', default: '600' },
  },
  help: `  --goals LIST       goals among the judging rows (default 600,5000)
  --replications N   pairs of each kind (default 200)
  --years N          simulated years of weekly retrains of each kind (default 40)
  --year-goals N     goals among the judging rows of each week (default 600)`,
  prepare: (options) => {
    const sizes = {
      goals: options.counts('goals'),
      replications: options.count('replications'),
      years: options.count('years'),
      yearGoals: options.count('year-goals'),
    };
    return (context) => measure(context, sizes);
  },
};

/**
 * @param {BenchContext} context
 * @param {Sizes} sizes
 * @returns {Promise<BenchResult>}
 */
async function measure({ say }, sizes) {
  const simulations = /** @type {Simulations} */ (
    await loadEntry('tools/bench/verdicts/simulations.entry.mjs')
  );
  const faults = [];
  const rows = [];
  for (const goals of sizes.goals)
    for (const differs of DIFFERENCES) {
      say(`pairs of ${goals} goals, truly ${100 * differs} %`);
      const promoted = simulations.pairs({ goals, differs, replications: sizes.replications });
      rows.push({ goals, trueDifferencePercent: 100 * differs, ...promoted });
      // Promoting a worse model as fresher is an error; a stale champion may be replaced by a worse one.
      const wrong = differs > 0 ? promoted.fresher : differs === 0 ? promoted.better : 0;
      if (wrong > MOST_WRONG)
        faults.push(`${goals} goals, truly ${100 * differs} %: ${(100 * wrong).toFixed(1)} % were promoted`);
    }
  const years = KINDS.map((kind) => {
    say(`${sizes.years} years, ${kind}`);
    const all = Array.from({ length: sizes.years }, (_, at) =>
      simulations.year({ goals: sizes.yearGoals, kind, seed: at + 1 }),
    );
    return { kind, ...yearRow(all) };
  });
  for (const { kind, lastPercent, worstPercent } of years) {
    if (kind === 'creeping' && lastPercent > 100 * MOST_CREEP)
      faults.push(`a creeping year worsened by ${lastPercent.toFixed(2)} % on average`);
    if (kind !== 'creeping' && worstPercent > 100 * FURTHEST_FROM_MEAN)
      faults.push(`a champion was ${worstPercent.toFixed(2)} % worse than the mean challenger`);
  }
  return {
    rows,
    tables: [{ title: 'a year of weekly retrains, promotions a year', rows: years }],
    faults,
    notes: [
      'better: promoted while the champion is 7 days old; fresher: at 21 days; stale: at 35 days. For a true difference of -1 % these are the power.',
    ],
  };
}

/** @param {ReturnType<Simulations['year']>[]} all */
function yearRow(all) {
  /** @param {(one: ReturnType<Simulations['year']>) => number} figure */
  const mean = (figure) => all.reduce((sum, one) => sum + figure(one), 0) / all.length;
  return {
    lastPercent: 100 * mean(({ last }) => last),
    worstPercent: 100 * Math.max(...all.map(({ worst }) => worst)),
    better: mean(({ better }) => better),
    fresher: mean(({ fresher }) => fresher),
    stale: mean(({ stale }) => stale),
    creeping: mean(({ creeping }) => creeping),
  };
}
