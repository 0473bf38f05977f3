import { hashFraction, markOf, MARKS, sigmoid } from '@factory/domain';
import { FULL_TABLES } from '../feature-tables';
import { Random } from '../random';
import { planShop } from '../shop-plan';
import { drawRow } from '../simulate-visits';
import { LOG_ODDS_BY_WEEKDAY, VISITS_BY_WEEKDAY, timesOfDay, weekdayOf } from '../weekly-rhythm';
import type { Series } from './series';
import { SeriesColumns } from './series-columns';

const DAY_MS = 86_400_000;
const VISITS_PER_VISITOR = 2.5;
/** Days within which a visitor may return. */
const VISITOR_DAYS = 56;
/** Autocorrelation of the daily deviations. */
const MEMORY = 0.3;
/** Standard deviations of the daily deviations: of the logarithm of visits, of intent, of log-odds. */
const DAY_NOISE = { visits: 0.08, intent: 0.06, logOdds: 0.06 };
/** Average share per day of additional visits from a newsletter. */
const NEWSLETTER_SHARE = 0.015;

export interface SeriesOptions {
  readonly seed: number;
  /** Midnight UTC of the first day, milliseconds. */
  readonly startMs: number;
  readonly days: number;
  readonly visitsADay: number;
  /** Share of the visits that end in the goal, in expectation; (0, 1). */
  readonly baseRate: number;
  /** Share of the visits without the goal that is kept, with a weight of 1 / share; default 1. */
  readonly othersKept?: number;
}

/** A series whose truth is known. */
export interface SimulatedSeries extends Series {
  /** [rows] the logit with which each visit's goal was drawn. */
  readonly trueLogits: Float64Array;
}

/**
 * Visits of a stable product: with a weekly rhythm, daily deviations common to all visits (larger than by chance),
 * and returning visitors with constant properties. Its columns are those of a `full` shop. Visits that are not kept take
 * time and no memory.
 */
export function simulateSeries(options: SeriesOptions): SimulatedSeries {
  const { seed, startMs, days, visitsADay, baseRate, othersKept = 1 } = options;
  const random = new Random(seed, 'series');
  const intercept = interceptOf(seed, baseRate);
  const arrivals = visitsADay / VISITS_PER_VISITOR;
  const pool = Math.max(1, Math.round(arrivals * VISITOR_DAYS));
  const visitors = Array.from({ length: pool + Math.ceil(arrivals * (days + VISITOR_DAYS)) }, () => ({
    lasting: random.normal(),
    lastMs: NaN,
    visits: 0,
  }));
  const mean = VISITS_BY_WEEKDAY.reduce<number>((sum, one) => sum + one, 0) / VISITS_BY_WEEKDAY.length;
  const columns = new SeriesColumns(FULL_TABLES);
  const times: number[] = [];
  const visitorNumbers: number[] = [];
  const labels: number[] = [];
  const logits: number[] = [];
  let before = 0;
  // Visitors of the first days may be returning ones: earlier days are simulated and then dropped.
  for (let day = -VISITOR_DAYS; day < days; day++) {
    const dayMs = startMs + day * DAY_MS;
    before = MEMORY * before + Math.sqrt(1 - MEMORY * MEMORY) * random.normal();
    const expected =
      ((visitsADay * (VISITS_BY_WEEKDAY[weekdayOf(dayMs)] ?? 1)) / mean) *
      Math.exp(DAY_NOISE.visits * before);
    const count = Math.max(0, Math.round(expected + Math.sqrt(expected) * random.normal()));
    const mood = DAY_NOISE.intent * random.normal();
    const odds =
      intercept + DAY_NOISE.logOdds * random.normal() + (LOG_ODDS_BY_WEEKDAY[weekdayOf(dayMs)] ?? 0);
    const byNewsletter = NEWSLETTER_SHARE * random.normal() ** 2;
    const firstVisitor = Math.floor((day + VISITOR_DAYS) * arrivals);
    for (const timeMs of timesOfDay(count, dayMs, () => random.uniform())) {
      const number = firstVisitor + Math.floor(pool * random.uniform() ** 1.5);
      const visitor = visitors[number];
      if (!visitor) continue;
      const context = {
        intent: 0.6 * visitor.lasting + 0.8 * random.normal() + mood,
        visitsBefore: visitor.visits,
        daysSinceLast: Number.isNaN(visitor.lastMs) ? null : (timeMs - visitor.lastMs) / DAY_MS,
      };
      visitor.visits++;
      visitor.lastMs = timeMs;
      if (day < 0) continue;
      const drawn = FULL_TABLES.map((table) => drawRow(table, random, context));
      const hasNewsletter = random.uniform() < byNewsletter;
      const logOdds = drawn.reduce((sum, { effect }) => sum + effect, odds);
      const label = Number(random.uniform() < sigmoid(logOdds));
      if (label === 0 && othersKept < 1 && random.uniform() >= othersKept) continue;
      columns.add(drawn.map(({ row }) => row));
      if (hasNewsletter) columns.put('channel', 'newsletter');
      times.push(timeMs);
      visitorNumbers.push(number);
      labels.push(label);
      logits.push(logOdds);
    }
  }
  const rows = times.length;
  const visitorIds = visitorNumbers.map((number) => `v${number}`);
  const marks = new Map<string, number>();
  return {
    rows,
    ...columns.read(),
    visitIds: times.map((_, row) => String(row + 1)),
    visitorIds,
    visitTimes: Float64Array.from(times),
    labels: Uint8Array.from(labels),
    marks: Uint8Array.from(visitorIds, (id) => {
      const known = marks.get(id) ?? MARKS.indexOf(markOf(hashFraction('series', id)));
      marks.set(id, known);
      return known;
    }),
    weights: Float64Array.from(labels, (label) => (label === 1 ? 1 : 1 / othersKept)),
    trueLogits: Float64Array.from(logits),
  };
}

function interceptOf(seed: number, baseRate: number): number {
  const plan = planShop({
    source: 'series',
    seed,
    end: new Date(0),
    days: 14,
    products: [{ id: 1, visits: 1, baseRate }],
  });
  return plan.products[0]?.intercept ?? 0;
}
