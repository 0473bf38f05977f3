import { countedEvents } from './event-tables';
import { weightedAuc } from './oracle';
import { Random } from './random';
import type { ShopPlan } from './planned-shop';
import { planShop, type ProductOptions, type ShopOptions } from './shop-plan';
import { simulateVisits, type SimulatedVisit } from './simulate-visits';
import { VISITS_BY_WEEKDAY, weekdayOf } from './weekly-rhythm';

const VISITS = 12_000;

const shop = (products: ProductOptions[], more: Partial<ShopOptions> = {}): ShopOptions => ({
  source: 'main',
  seed: 20240401,
  end: new Date('2024-04-01T09:30:00Z'),
  days: 84,
  products,
  ...more,
});

function visitsOf(plan: ShopPlan, id: number): SimulatedVisit[] {
  const product = plan.products.find((one) => one.id === id)!;
  return [...simulateVisits(plan, product, new Random(plan.seed, `product-${id}`))];
}

describe('a simulated product', () => {
  const rates = [0.001, 0.02, 0.15];
  const plan = planShop(shop(rates.map((baseRate, at) => ({ id: at + 1, visits: VISITS, baseRate }))));
  const visitsByProduct = rates.map((_, at) => visitsOf(plan, at + 1));
  const frequent = visitsByProduct[2]!;

  it.each(rates)('has the base rate %p, within random variation', (baseRate) => {
    const visits = visitsByProduct[rates.indexOf(baseRate)]!;
    const goals = visits.filter((visit) => visit.hasSale).length;
    const expected = visits.reduce((sum, { propensity }) => sum + propensity, 0);
    const variance = visits.reduce((sum, { propensity }) => sum + propensity * (1 - propensity), 0);
    expect(Math.abs(goals - expected)).toBeLessThan(4 * Math.sqrt(variance));
    expect(Math.abs(expected / VISITS / baseRate - 1)).toBeLessThan(0.15);
  });

  it('has true propensities that rank as well as their distribution implies', () => {
    const p = frequent.map((visit) => visit.propensity);
    const label = frequent.map((visit) => Number(visit.hasSale));
    const auc = (of: number[]) =>
      weightedAuc(
        p,
        (row) => of[row]!,
        (row) => 1 - of[row]!,
      );
    expect(auc(p)).toBeGreaterThan(0.7);
    // Four standard errors by Hanley and McNeil 1982 for 1,800 goals in 12,000 visits.
    expect(Math.abs(auc(label) - auc(p))).toBeLessThan(0.028);
  });

  it('follows the week: the visits of each weekday match its share', () => {
    const counts = new Array<number>(7).fill(0);
    for (const { timeMs } of frequent) counts[weekdayOf(timeMs)]!++;
    const total = VISITS_BY_WEEKDAY.reduce<number>((sum, share) => sum + share, 0);
    for (const [day, share] of VISITS_BY_WEEKDAY.entries()) {
      expect(Math.abs(counts[day]! - (VISITS * share) / total)).toBeLessThanOrEqual(12);
    }
  });

  it('lies within the requested time, in order, up to midnight before the end', () => {
    const times = frequent.map((visit) => visit.timeMs);
    expect(times[0]).toBeGreaterThanOrEqual(Date.parse('2024-01-08T00:00:00Z'));
    expect(times.at(-1)).toBeLessThan(Date.parse('2024-04-01T00:00:00Z'));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('has returning visitors', () => {
    const visitors = new Set(frequent.map((visit) => visit.visitorId)).size;
    expect(VISITS / visitors).toBeGreaterThan(2);
  });

  it('has counts that are mostly zero, heavy tails, rare levels and absent rows', () => {
    const column = (table: number, at: number) =>
      frequent.flatMap(({ rows }) => (rows[table] ? [rows[table][at]] : []));
    const absent = (table: number) => frequent.filter(({ rows }) => rows[table] === null).length / VISITS;
    const wishlist = column(0, 3);
    expect(wishlist.filter((value) => value === 0).length / wishlist.length).toBeGreaterThan(0.75);
    const seconds = (column(1, 1) as number[]).sort((a, b) => a - b);
    expect(seconds.at(-20)! / seconds[seconds.length >> 1]!).toBeGreaterThan(15);
    const browsers = new Map<unknown, number>();
    for (const browser of column(2, 3)) browsers.set(browser, (browsers.get(browser) ?? 0) + 1);
    expect(browsers.size).toBeGreaterThan(80);
    expect(Math.min(...browsers.values())).toBeLessThan(20);
    expect(absent(0)).toBeGreaterThan(0.01);
    expect(absent(1)).toBeCloseTo(0.05, 1);
  });
});

describe('a simulated shop', () => {
  const product: ProductOptions = { id: 5, visits: 300, baseRate: 0.1 };
  const small = (products: ProductOptions[], seed = 1) =>
    planShop(shop(products, { features: 'small', seed }));
  const alone = visitsOf(small([product]), 5);

  it('is the same for the same seed, and different for another', () => {
    expect(visitsOf(small([product]), 5)).toEqual(alone);
    expect(visitsOf(small([product], 2), 5)).not.toEqual(alone);
  });

  it('draws each product independently: another product only changes its visit ids', () => {
    const beside = visitsOf(small([{ id: 1, visits: 40, baseRate: 0.2 }, product]), 5);
    expect(beside).toEqual(alone.map((visit) => ({ ...visit, visitId: visit.visitId + 40 })));
  });

  it.each([
    ['invalid-product', { products: [{ ...product, id: -1 }] }],
    ['duplicate-product', { products: [product, product] }],
    ['invalid-shop', { products: [{ ...product, baseRate: 0 }] }],
    ['invalid-shop', { products: [{ ...product, visits: 1.5 }] }],
    ['invalid-name', { source: 'My Shop' }],
  ])('refuses with %s before it draws anything: %j', (code, more) => {
    expect(() => planShop(shop([product], more))).toThrow(expect.objectContaining({ code }));
  });
});

describe('visits with events', () => {
  const plan = planShop(shop([{ id: 1, visits: VISITS, baseRate: 0.15 }], { features: 'events' }));
  const visits = visitsOf(plan, 1);
  const kept = visits.filter((visit) => !visit.hasEarlySale);
  const aucOf = (score: (visit: SimulatedVisit) => number) =>
    weightedAuc(
      kept.map(score),
      (row) => Number(kept[row]!.hasSale),
      (row) => Number(!kept[row]!.hasSale),
    );
  const counted = (visit: SimulatedVisit, table: number) =>
    countedEvents(plan.eventTables[table]!, visit.events[table]!);
  // four standard errors by Hanley and McNeil 1982 for 1,800 goals in 12,000 visits
  const NOISE = 0.028;

  it('keep the base rate, and rank as well as their propensities imply', () => {
    const expected = kept.reduce((sum, { propensity }) => sum + propensity, 0);
    const goals = kept.filter((visit) => visit.hasSale).length;
    expect(Math.abs(goals - expected)).toBeLessThan(4 * Math.sqrt(expected));
    expect(Math.abs(expected / kept.length / 0.15 - 1)).toBeLessThan(0.15);
    expect(aucOf((visit) => visit.propensity)).toBeGreaterThan(0.65);
  });

  it('are informative before the cut, except for pure exposure', () => {
    expect(Math.abs(aucOf((visit) => counted(visit, 0).length) - 0.5)).toBeLessThan(NOISE);
    expect(aucOf((visit) => counted(visit, 1).length)).toBeGreaterThan(0.5 + NOISE);
    expect(aucOf((visit) => -counted(visit, 2).length)).toBeGreaterThan(0.5 + NOISE);
  });

  it('are left out at random: an early sale does not make another one more likely', () => {
    const early = visits.filter((visit) => visit.hasEarlySale);
    const expected = early.reduce((sum, { propensity }) => sum + propensity, 0);
    expect(Math.abs(early.length - VISITS / 100)).toBeLessThan(4 * Math.sqrt(VISITS / 100));
    expect(Math.abs(early.filter((visit) => visit.hasSale).length - expected)).toBeLessThan(
      4 * Math.sqrt(expected),
    );
  });
});
