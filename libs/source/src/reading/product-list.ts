import type { LeftOutProduct } from '@factory/domain';
import type { ProductRow } from '../queries/products';

/** The state of a product according to all its rows. */
export type ProductState = 'active' | 'inactive' | 'unknown' | 'contradictory';

/** The products of a source that a request for all of them covers. */
export interface ProductList {
  /** Ascending. */
  readonly active: readonly number[];
  /** Products with both active and inactive rows. */
  readonly contradictory: readonly number[];
  /** Active rows whose id is not a valid product id. */
  readonly leftOut: readonly LeftOutProduct[];
}

/** Rows that are listed individually; the rest is counted. */
const MOST_NAMED = 100;

/** Classifies the rows of the products table: each id once, each row with an invalid id with its reason. */
export function productListOf(rows: readonly ProductRow[]): ProductList {
  const active: number[] = [];
  const contradictory: number[] = [];
  const leftOut: LeftOutProduct[] = [];
  for (const [text, count, activeRows] of rows) {
    const reason = reasonToLeaveOut(text);
    if (reason === undefined) (count === activeRows ? active : contradictory).push(Number(text));
    else leftOut.push({ item: text ?? 'NULL', reason: `${reason} (${activeRows} active rows)` });
  }
  return { active, contradictory, leftOut: named(leftOut) };
}

export function productState(rows: number, active: number): ProductState {
  if (rows === 0) return 'unknown';
  if (active === 0) return 'inactive';
  return active === rows ? 'active' : 'contradictory';
}

function reasonToLeaveOut(text: string | null): string | undefined {
  if (text === null) return 'the product has no id';
  const [, digits] = /^\+?(\d+)(?:\.0*)?$/.exec(text) ?? [];
  if (digits === undefined || Number(digits) === 0) return 'a product id is a positive whole number';
  if (!Number.isSafeInteger(Number(digits))) return `a product id is at most ${Number.MAX_SAFE_INTEGER}`;
  return undefined;
}

function named(leftOut: readonly LeftOutProduct[]): LeftOutProduct[] {
  const more = leftOut.length - MOST_NAMED;
  if (more <= 0) return [...leftOut];
  return [...leftOut.slice(0, MOST_NAMED), { item: `${more} more`, reason: 'their ids are not product ids' }];
}
