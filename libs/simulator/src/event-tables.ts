import type { SimulatedColumn, SimulatedValue, VisitContext } from './feature-tables';
import { runningSum, type Random } from './random';

/** Seconds after a visit's start at which its features are read: `observe` of the simulated source. */
export const OBSERVE_SECONDS = 300;
/** Share of visits with a sale before that: they are not informative and are left out. */
export const EARLY_SALE_SHARE = 0.01;

/** One row of a table of events. */
export interface SimulatedEvent {
  /** After the visit's start; negative = before it. */
  readonly seconds: number;
  /** In the order of the table's columns. */
  readonly values: readonly SimulatedValue[];
}

export interface SimulatedEventTable {
  readonly table: string;
  /** Meaning of a visit without events before its cut, as in sources.yaml. */
  readonly missing: 'zero' | 'unknown';
  /** Events count from this many seconds before the cut; absent = from the visit's start. */
  readonly lookbackSeconds?: number;
  readonly columns: readonly Pick<SimulatedColumn, 'name' | 'sqlType'>[];
  /** All events of a visit, including those from the cut on, in order of time. Drawn before the visit's sales. */
  draw(random: Random, visit: VisitContext): readonly SimulatedEvent[];
  /** What the counted events add to the true log-odds; absent = nothing. */
  effect?(counted: readonly SimulatedEvent[]): number;
}

/** A Poisson process: `mean` events in expectation, uniform over the time. */
function spread(
  random: Random,
  mean: number,
  [from, to]: readonly [number, number],
  values: () => readonly SimulatedValue[],
): SimulatedEvent[] {
  return Array.from({ length: random.poisson(mean) }, () => from + (to - from) * random.uniform())
    .sort((a, b) => a - b)
    .map((seconds) => ({ seconds: Math.round(seconds * 1000) / 1000, values: values() }));
}

const VISIT_SECONDS = 1500;
const DAY_SECONDS = 86_400;
const TERMS = ['how-to', 'compare', 'price', 'brand'] as const;
const TERM_WEIGHTS = runningSum([4, 3, 2, 1]);
const TERM_EFFECTS: Readonly<Record<string, number>> = { 'how-to': -0.4, compare: 0, price: 0.5, brand: 0.3 };

/**
 * Events of every kind: pure exposure (an open page sends one every minute, so their number only shows the time on
 * the page), searches that are informative if they come before the cut, and calls in the month before it.
 */
export const EVENT_TABLES: readonly SimulatedEventTable[] = [
  {
    table: 'page_ping',
    missing: 'zero',
    columns: [
      { name: 'pings', sqlType: 'INT NOT NULL' },
      { name: 'open_seconds', sqlType: 'DOUBLE NOT NULL' },
    ],
    draw: (random) => {
      let before = 0;
      return spread(random, 25, [0, VISIT_SECONDS], () => [1, 0]).map(({ seconds }) => {
        const open = Math.round((seconds - before) * 1000) / 1000;
        before = seconds;
        return { seconds, values: [1, open] };
      });
    },
  },
  {
    table: 'search',
    missing: 'unknown',
    columns: [
      { name: 'searches_made', sqlType: 'INT NOT NULL' },
      { name: 'last_term', sqlType: 'VARCHAR(20) NULL' },
    ],
    draw: (random, { intent }) =>
      spread(random, Math.min(20, 8 * Math.exp(0.5 * intent)), [0, VISIT_SECONDS], () => [
        1,
        TERMS[random.index(TERM_WEIGHTS)] ?? null,
      ]),
    effect: (counted) => {
      const last = counted.at(-1)?.values[1] ?? null;
      return 0.7 * Math.log1p(counted.length) + (last === null ? 0 : (TERM_EFFECTS[String(last)] ?? 0));
    },
  },
  {
    table: 'service_call',
    missing: 'zero',
    lookbackSeconds: 30 * DAY_SECONDS,
    columns: [{ name: 'calls', sqlType: 'INT NOT NULL' }],
    draw: (random) => spread(random, 1, [-60 * DAY_SECONDS, 0], () => [1]),
    effect: (counted) => -0.5 * Math.log1p(counted.length),
  },
];

/** The events that a feature counts (rules R3): from the start or the table's lookback up to the cut. */
export function countedEvents(
  { lookbackSeconds }: Pick<SimulatedEventTable, 'lookbackSeconds'>,
  events: readonly SimulatedEvent[],
): SimulatedEvent[] {
  const from = lookbackSeconds === undefined ? 0 : OBSERVE_SECONDS - lookbackSeconds;
  return events.filter(({ seconds }) => seconds >= from && seconds < OBSERVE_SECONDS);
}
