import type { ProductOptions } from './shop-plan';

/** Three products from rare to frequent sales, and one that is no longer sold. */
export function demoProducts(): ProductOptions[] {
  return [
    { id: 1, name: 'Insurance', visits: 30_000, baseRate: 0.05 },
    { id: 2, name: 'Newsletter', visits: 12_000, baseRate: 0.15 },
    { id: 3, name: 'Coffee machine', visits: 90_000, baseRate: 0.01 },
    { id: 4, name: 'Fax machine', visits: 1_000, baseRate: 0.02, active: false },
  ];
}

/**
 * Many small products for the fleet benchmark, numbered from 1: about 650 goals each in 90 days, so that
 * the 500 that a run needs remain without the out-of-time days.
 */
export function fleetProducts(count: number): ProductOptions[] {
  return Array.from({ length: count }, (_, at) => ({ id: at + 1, visits: 6_500, baseRate: 0.1 }));
}
