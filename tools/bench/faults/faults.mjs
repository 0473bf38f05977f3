import { loadEntry } from '../../packing/load-entry.mjs';

/**
 * @import { CheckFinding } from '@factory/judgement'
 * @import { Bench, BenchContext, BenchResult, Row } from '../bench.mjs'
 *
 * @typedef {{products: number, weeks: number, visits: number, seed: number}} Sizes
 */

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const START = Date.UTC(2024, 0, 1);
/** Base rates of the products, in turn. */
const RATES = [0.05, 0.15, 0.02];
/** Maximum age of the champion, in weeks, when a retrain is compared with it; the minimum is one. */
const OLDEST_CHAMPION = 4;
/** Tolerated share of clean retrains that are stopped. */
const MOST_FALSE = 2 / 60;
/** Probability with which the tests of a clean run may reject (`DEFAULT_CHECK_LIMITS`). */
const FALSE_STOPS = 0.01;

/**
 * Planted faults and the checks that stop them; clean retrains and the checks that stop those.
 *
 * @type {Bench}
 */
export const faults = {
  summary: 'planted faults (all stopped) and clean weekly retrains (at most 2 of 60 stopped), checks only',
  options: {
    products: { type: 'string', default: '6' },
    weeks: { type: 'string', default: '10' },
    visits: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
  },
  help: `  --products N       with clean retrains (default 6)
  --weeks N          clean retrains of each product (default 10)
  --visits N         a day, of each product (default 600)
  --seed N           of the simulated products (default 1)`,

  prepare(options) {
    const [products, weeks] = [options.count('products'), options.count('weeks')];
    const [visits, seed] = [options.count('visits'), options.count('seed')];
    return (context) => measure(context, { products, weeks, visits, seed });
  },
};

/**
 * @param {BenchContext} context
 * @param {Sizes} sizes
 * @returns {Promise<BenchResult>}
 */
async function measure({ say }, sizes) {
  /** @type {typeof import('./faults.entry.mjs')} */
  const code = await loadEntry('tools/bench/faults/faults.entry.mjs');
  const planted = plantFaults(code, sizes, say);
  const { retrains: clean, chances } = retrainCleanly(code, sizes, say);
  const missed = planted.filter(({ stopped }) => stopped === '-').map(({ fault }) => fault);
  const stops = clean.filter(({ stops: found }) => found !== '-');
  const most = Math.ceil(MOST_FALSE * clean.length);
  return {
    rows: planted,
    tables: [
      ...(stops.length > 0 ? [{ title: 'Clean retrains that were stopped', rows: stops }] : []),
      {
        title: 'Tests of clean retrains, without limits on effects: share of p-values below',
        rows: levels(chances),
      },
    ],
    notes: [
      `${planted.length - missed.length} of ${planted.length} faults stopped; ${stops.length} of ${clean.length} clean retrains stopped, ` +
        `${clean.filter(({ warnings }) => warnings !== '-').length} with a warning; ` +
        `${clean.filter(({ rejected }) => rejected).length} would be stopped by tests alone, without limits on effects.`,
    ],
    figures: { faults: planted.length, missed: missed.length, clean: clean.length, falseStops: stops.length },
    faults: [
      ...missed.map((fault) => `${fault} was not stopped`),
      ...(stops.length > most
        ? [`${stops.length} of ${clean.length} clean retrains were stopped, more than ${most}`]
        : []),
    ],
  };
}

/**
 * @param {typeof import('./faults.entry.mjs')} code
 * @param {Sizes} sizes
 * @param {BenchContext['say']} say
 * @returns {Row[]}
 */
function plantFaults(code, { visits, seed }, say) {
  const { PLANTED_FAULTS, WINDOW_DAYS, OUT_OF_TIME_DAYS, championOf, checkRetrain, simulateSeries } = code;
  const days = WINDOW_DAYS + OUT_OF_TIME_DAYS + 7;
  const series = simulateSeries({
    seed,
    startMs: START,
    days,
    visitsADay: visits,
    baseRate: RATES[0] ?? 0.05,
  });
  const end = START + days * DAY_MS;
  const from = end - WEEK_MS;
  const champion = championOf(series, from);
  return PLANTED_FAULTS.map(({ name, what, plant }) => {
    say(name);
    const { findings } = checkRetrain(plant(series, { from, to: end }), end, champion);
    return { fault: name, what, stopped: codes(findings, 'stop'), warned: codes(findings, 'warn') };
  });
}

/**
 * @param {typeof import('./faults.entry.mjs')} code
 * @param {Sizes} sizes
 * @param {BenchContext['say']} say
 * @returns {{retrains: Row[], chances: {code: string, p: number}[]}}
 */
function retrainCleanly(code, { products, weeks, visits, seed }, say) {
  const { WINDOW_DAYS, OUT_OF_TIME_DAYS, championOf, checkRetrain, simulateSeries } = code;
  const first = WINDOW_DAYS + OUT_OF_TIME_DAYS;
  /** @type {{code: string, p: number}[]} */
  const all = [];
  const retrains = Array.from({ length: products }, (_, product) => {
    say(`clean product ${product + 1} of ${products}`);
    const series = simulateSeries({
      seed: seed * 1000 + product,
      startMs: START,
      days: first + (OLDEST_CHAMPION + weeks) * 7,
      visitsADay: visits,
      baseRate: RATES[product % RATES.length] ?? 0.05,
    });
    return Array.from({ length: weeks }, (_, week) => {
      const end = START + (first + (OLDEST_CHAMPION + week + 1) * 7) * DAY_MS;
      const age = 1 + (week % OLDEST_CHAMPION);
      const { findings, chances } = checkRetrain(series, end, championOf(series, end - age * WEEK_MS));
      all.push(...chances);
      return {
        product: product + 1,
        week: week + 1,
        championWeeks: age,
        tests: chances.length,
        // The first step of Holm's procedure is Bonferroni's.
        rejected: Math.min(...chances.map(({ p }) => p)) * chances.length <= FALSE_STOPS,
        stops: codes(findings, 'stop'),
        warnings: codes(findings, 'warn'),
      };
    });
  }).flat();
  return { retrains, chances: all };
}

/**
 * @param {readonly {code: string, p: number}[]} chances
 * @returns {Row[]}
 */
function levels(chances) {
  const kinds = {
    'columns and hours': ['shift', 'shift-small', 'clock-shift'],
    visits: ['rows-low', 'rows-high'],
    goals: ['goal-rate'],
  };
  return Object.entries(kinds).map(([kind, codesOfKind]) => {
    const ps = chances.filter(({ code }) => codesOfKind.includes(code)).map(({ p }) => p);
    /** @param {number} level */
    const below = (level) => Number((ps.filter((p) => p < level).length / ps.length).toPrecision(2));
    return {
      tests: kind,
      number: ps.length,
      '50 %': below(0.5),
      '5 %': below(0.05),
      '1 %': below(0.01),
      '0.1 %': below(0.001),
    };
  });
}

/**
 * @param {readonly CheckFinding[]} findings
 * @param {CheckFinding['severity']} severity
 */
function codes(findings, severity) {
  const found = findings.filter((one) => one.severity === severity).map(({ code }) => code);
  const each = [...new Set(found)].map((code) => {
    const times = found.filter((one) => one === code).length;
    return times === 1 ? code : `${code} x${times}`;
  });
  return each.length === 0 ? '-' : each.join(', ');
}
