import { BadInputError, checkName, checkProductId, sigmoid } from '@factory/domain';
import { EVENT_TABLES, type SimulatedEventTable } from './event-tables';
import { ARRIVAL_TABLES, FULL_TABLES, SMALL_TABLES, type SimulatedTable } from './feature-tables';
import { Random } from './random';
import type { ProductPlan, ShopPlan } from './planned-shop';
import { simulateVisits } from './simulate-visits';

const DAY_MS = 86_400_000;
const PILOT_VISITS = 12_000;
/** On the logarithm of the mean, which is concave in the intercept: eight steps reach 1e-12. */
const NEWTON_STEPS = 8;

/** One product of a simulated shop. */
export interface ProductOptions {
  readonly id: number;
  readonly name?: string;
  /** Default true. */
  readonly active?: boolean;
  readonly visits: number;
  /** Share of the visits that end in a sale, in expectation; (0, 1). */
  readonly baseRate: number;
}

export const FEATURE_SETS = ['full', 'small', 'events'] as const;
export type FeatureSet = (typeof FEATURE_SETS)[number];

const TABLES: Readonly<
  Record<FeatureSet, { tables: readonly SimulatedTable[]; eventTables: readonly SimulatedEventTable[] }>
> = {
  full: { tables: FULL_TABLES, eventTables: [] },
  small: { tables: SMALL_TABLES, eventTables: [] },
  events: { tables: ARRIVAL_TABLES, eventTables: EVENT_TABLES },
};

export interface ShopOptions {
  /** Name of the source, and of its entry in sources.yaml. */
  readonly source: string;
  readonly seed: number;
  /** End of the simulated time, exclusive; truncated to midnight UTC. */
  readonly end: Date;
  readonly days: number;
  readonly products: readonly ProductOptions[];
  /**
   * `full`: 18 columns in three tables; `small`: 10 columns in two; `events`: 9 columns in four tables, three of
   * them of events, read 300 s after a visit's start. Default `full`.
   */
  readonly features?: FeatureSet;
  /** How much features tell: a factor on what they add to the log-odds, above 0. Default 1. */
  readonly signal?: number;
}

/**
 * Validates and completes the options of a shop. It draws nothing that is stored, so it is cheap and repeatable.
 *
 * @throws BadInputError `invalid-name`, `invalid-product`, `duplicate-product` or `invalid-shop`
 */
export function planShop(options: ShopOptions): ShopPlan {
  checkName('source', options.source);
  atLeast('days', options.days, 1);
  const endMs = Math.floor(options.end.getTime() / DAY_MS) * DAY_MS;
  const shop = {
    source: options.source,
    seed: options.seed,
    startMs: endMs - options.days * DAY_MS,
    days: options.days,
    signal: options.signal ?? 1,
    ...TABLES[options.features ?? 'full'],
  };
  checkProducts(options.products);
  const interceptOf = interceptSolver(shop);
  let firstVisitId = 0;
  const products = options.products.map((product): ProductPlan => {
    const plan = {
      id: product.id,
      name: product.name ?? `Product ${product.id}`,
      active: product.active ?? true,
      visits: product.visits,
      baseRate: product.baseRate,
      firstVisitId,
      intercept: interceptOf(product.baseRate),
    };
    firstVisitId += product.visits;
    return plan;
  });
  return { ...shop, products };
}

/**
 * Solves for the intercept at which the mean of sigmoid(intercept + score) over pilot visits is the base rate.
 * One pilot serves all products: their visits differ in the intercept only.
 */
function interceptSolver(shop: Omit<ShopPlan, 'products'>): (baseRate: number) => number {
  const pilot = { id: 1, firstVisitId: 0, intercept: 0, visits: PILOT_VISITS };
  const random = new Random(shop.seed, 'pilot');
  const scores = Float64Array.from(simulateVisits(shop, pilot, random), (visit) => visit.logOdds);
  const solved = new Map<number, number>();
  return (baseRate) => {
    const known = solved.get(baseRate);
    if (known !== undefined) return known;
    let intercept = Math.log(baseRate / (1 - baseRate));
    for (let step = 0; step < NEWTON_STEPS; step++) {
      let sum = 0;
      let slope = 0;
      for (const score of scores) {
        const p = sigmoid(intercept + score);
        sum += p;
        slope += p * (1 - p);
      }
      intercept += (Math.log(baseRate) - Math.log(sum / scores.length)) / (slope / sum);
    }
    solved.set(baseRate, intercept);
    return intercept;
  };
}

function checkProducts(products: readonly ProductOptions[]): void {
  const seen = new Set<number>();
  for (const { id, visits, baseRate } of products) {
    checkProductId(id, 'products.id');
    if (seen.has(id)) {
      throw new BadInputError('duplicate-product', {
        field: 'products.id',
        value: id,
        todo: 'give every product a unique id',
      });
    }
    seen.add(id);
    atLeast('products.visits', visits, 1);
    if (!(baseRate > 0 && baseRate < 1)) {
      throw new BadInputError('invalid-shop', {
        field: 'products.baseRate',
        value: baseRate,
        todo: 'give a share between 0 and 1',
      });
    }
  }
}

function atLeast(field: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new BadInputError('invalid-shop', { field, value, todo: `give a whole number of at least ${least}` });
}
