import { FactoryError } from '@factory/domain';
import { orderByBytes } from './sort-by-bytes';

/** Visits drawn alike: one class of one part (of one day of it when de-trended). */
export interface Stratum {
  readonly part: 'training' | 'out-of-time';
  readonly label: 0 | 1;
  readonly ids: readonly string[];
  /** 1 / drawn fraction. */
  readonly weight: number;
}

/** The drawn visits in the order of the dataset. All arrays have one entry a row. */
export interface DrawnIds {
  readonly ids: readonly string[];
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
  /** 1 = out-of-time. */
  readonly outOfTime: Uint8Array;
}

/**
 * Puts the strata together, ordered by the ids' bytes.
 *
 * @throws FactoryError `visit-id-not-unique` when an id was drawn twice
 */
export function mergeStrata(strata: readonly Stratum[]): DrawnIds {
  const drawn = strata.flatMap((one) => one.ids);
  const order = orderByBytes(drawn);
  const stratumOf = new Uint32Array(drawn.length);
  let from = 0;
  strata.forEach((one, at) => {
    stratumOf.fill(at, from, from + one.ids.length);
    from += one.ids.length;
  });
  const ids = Array.from(order, (at) => drawn[at] ?? '');
  requireUnique(ids);
  const each = Array.from(order, (at) => strata[stratumOf[at] ?? 0]);
  return {
    ids,
    labels: Uint8Array.from(each, (one) => one?.label ?? 0),
    weights: Float64Array.from(each, (one) => one?.weight ?? 1),
    outOfTime: Uint8Array.from(each, (one) => Number(one?.part === 'out-of-time')),
  };
}

function requireUnique(sorted: readonly string[]): void {
  const twice = sorted.find((id, at) => at > 0 && id === sorted[at - 1]);
  if (twice === undefined) return;
  throw new FactoryError(
    'visit-id-not-unique',
    `visit ${twice} stands more than once in the visits table: an id may stand there once only`,
    false,
  );
}
