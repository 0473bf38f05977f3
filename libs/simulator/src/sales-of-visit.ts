import type { Random } from './random';

/** A row of table `sale`. */
export interface SimulatedSale {
  readonly timeMs: number;
  readonly amount: number;
  readonly state: 'paid' | 'cancelled';
}

/** Share of the visits with a sale that have a second one: the goal still counts once. */
const SECOND_SALE_SHARE = 0.03;
/** Share of the visits without a sale that have a cancelled or refunded one: neither is a goal. */
const CANCELLED_SHARE = 0.004;
const REFUNDED_SHARE = 0.001;

/**
 * The rows of sales of a visit, including traps that the goals in sources.yaml must exclude.
 *
 * @param leastSeconds after the visit's start: its cut, if it has one
 */
export function salesOfVisit(
  visit: { timeMs: number; hasSale: boolean; hasEarlySale: boolean },
  random: Random,
  leastSeconds = 60,
): SimulatedSale[] {
  if (visit.hasEarlySale) {
    const timeMs = visit.timeMs + Math.floor(leastSeconds * random.uniform()) * 1000;
    const early: SimulatedSale = { timeMs, amount: 20, state: 'paid' };
    return [early, ...salesOfVisit({ ...visit, hasEarlySale: false }, random, leastSeconds).slice(0, 1)];
  }
  const after = (): number => visit.timeMs + Math.floor(leastSeconds + 1200 * random.uniform()) * 1000;
  const amount = (): number => Math.round(4000 * Math.exp(0.7 * random.normal())) / 100 + 0.01;
  const draw = random.uniform();
  if (visit.hasSale) {
    const first: SimulatedSale = { timeMs: after(), amount: amount(), state: 'paid' };
    return draw < SECOND_SALE_SHARE ? [first, { ...first, amount: amount() }] : [first];
  }
  if (draw < CANCELLED_SHARE) return [{ timeMs: after(), amount: amount(), state: 'cancelled' }];
  if (draw < CANCELLED_SHARE + REFUNDED_SHARE) {
    return [{ timeMs: after(), amount: -amount(), state: 'paid' }];
  }
  return [];
}
