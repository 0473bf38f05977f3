import { sigmoid } from '@factory/domain';
import { EARLY_SALE_SHARE, countedEvents, type SimulatedEvent } from './event-tables';
import type { SimulatedTable, SimulatedValue, VisitContext } from './feature-tables';
import type { Random } from './random';
import type { ProductPlan, ShopPlan } from './planned-shop';
import { LOG_ODDS_BY_WEEKDAY, timesOfDay, visitsByDay, weekdayOf } from './weekly-rhythm';

const DAY_MS = 86_400_000;
/** Average number of visits of a visitor; some have far more. */
const VISITS_PER_VISITOR = 2.5;

/** One visit with all data that the shop stores about it. */
export interface SimulatedVisit {
  readonly visitId: number;
  readonly visitorId: string;
  readonly timeMs: number;
  /** One entry per feature table; null = it has no row for this visit. */
  readonly rows: readonly (readonly SimulatedValue[] | null)[];
  /** One entry per table of events: all events of the visit, including those from the cut on. */
  readonly events: readonly (readonly SimulatedEvent[])[];
  readonly logOdds: number;
  /** The true probability of a sale; in a shop with events: of a sale from the cut on. */
  readonly propensity: number;
  readonly hasSale: boolean;
  /** The visit has a sale before the cut, so it is not informative. Random, independent of its features. */
  readonly hasEarlySale: boolean;
}

/** The visits of one product in order of time. Visitors return; their intent partly persists. */
export function* simulateVisits(
  shop: Omit<ShopPlan, 'products'>,
  product: Pick<ProductPlan, 'id' | 'visits' | 'firstVisitId' | 'intercept'>,
  random: Random,
): Generator<SimulatedVisit> {
  const visitors = Math.max(1, Math.round(product.visits / VISITS_PER_VISITOR));
  const lasting = Float32Array.from({ length: visitors }, () => random.normal());
  const lastTimeMs = new Float64Array(visitors).fill(Number.NaN);
  const visitsBefore = new Int32Array(visitors);
  let visitId = product.firstVisitId;
  for (const [day, count] of visitsByDay(product.visits, shop.startMs, shop.days).entries()) {
    const dayMs = shop.startMs + day * DAY_MS;
    for (const timeMs of timesOfDay(count, dayMs, () => random.uniform())) {
      const visitor = Math.floor(visitors * random.uniform() ** 1.5);
      const last = lastTimeMs[visitor] ?? Number.NaN;
      const context = {
        intent: 0.6 * (lasting[visitor] ?? 0) + 0.8 * random.normal(),
        visitsBefore: visitsBefore[visitor] ?? 0,
        daysSinceLast: Number.isNaN(last) ? null : (timeMs - last) / DAY_MS,
      };
      const drawn = shop.tables.map((table) => drawRow(table, random, context));
      const events = shop.eventTables.map((table) => table.draw(random, context));
      const counted = shop.eventTables.map(
        (table, at) => table.effect?.(countedEvents(table, events[at] ?? [])) ?? 0,
      );
      const logOdds =
        product.intercept +
        shop.signal * counted.reduce((sum, effect) => sum + effect, 0) +
        (LOG_ODDS_BY_WEEKDAY[weekdayOf(timeMs)] ?? 0) +
        shop.signal * drawn.reduce((sum, one) => sum + one.effect, 0);
      const propensity = sigmoid(logOdds);
      visitId++;
      yield {
        visitId,
        visitorId: `p${product.id}-${visitor}`,
        timeMs,
        rows: drawn.map((one) => one.row),
        events,
        logOdds,
        propensity,
        hasSale: random.uniform() < propensity,
        hasEarlySale: events.length > 0 && random.uniform() < EARLY_SALE_SHARE,
      };
      lastTimeMs[visitor] = timeMs;
      visitsBefore[visitor] = context.visitsBefore + 1;
    }
  }
}

export interface DrawnRow {
  readonly row: readonly SimulatedValue[] | null;
  /** What the stored values add to the log-odds; a row that is not stored adds nothing. */
  readonly effect: number;
}

/** One visit's row of a feature table. */
export function drawRow(table: SimulatedTable, random: Random, context: VisitContext): DrawnRow {
  const row = table.columns.map((column) => column.draw(random, context));
  const isAbsent =
    table.missing === 'zero' ? row.every((value) => value === 0) : random.uniform() < table.absentShare;
  if (isAbsent) return { row: null, effect: 0 };
  let effect = 0;
  for (const [at, column] of table.columns.entries()) {
    const value = row[at];
    if (column.effect && value !== null && value !== undefined) effect += column.effect(value);
  }
  return { row, effect };
}
