import { FactoryError, PackedTexts, type ConsecutiveTexts, type TextParts } from '@factory/domain';

/** Visits drawn at the same rate: one class of one part (of one day if de-trended). */
export interface Stratum {
  readonly part: 'training' | 'out-of-time';
  readonly label: 0 | 1;
  readonly ids: PackedTexts;
  /** 1 / drawn fraction. */
  readonly weight: number;
}

/** The drawn visits in the order of the dataset. All arrays have one entry per row. */
export interface DrawnIds {
  readonly ids: ConsecutiveTexts;
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
  /** 1 = out-of-time. */
  readonly outOfTime: Uint8Array;
}

/**
 * Merges the strata, ordered by the ids' bytes.
 *
 * @param orderOf sorts texts: `orderByBytes`, on a separate thread
 * @throws FactoryError `visit-id-not-unique` when an id was drawn twice
 */
export async function mergeStrata(
  strata: readonly Stratum[],
  orderOf: (ids: TextParts) => Promise<Uint32Array>,
): Promise<DrawnIds> {
  const drawn = PackedTexts.joined(strata.map((one) => one.ids));
  const order = await orderOf(drawn.parts);
  const stratumOf = new Uint32Array(drawn.length);
  let from = 0;
  strata.forEach((one, at) => {
    stratumOf.fill(at, from, from + one.ids.length);
    from += one.ids.length;
  });
  const ids = drawn.inOrder(order);
  requireUnique(ids);
  const of = (row: number) => strata[stratumOf[order[row] ?? 0] ?? 0];
  const rows = order.length;
  const labels = new Uint8Array(rows);
  const weights = new Float64Array(rows);
  const outOfTime = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const stratum = of(row);
    labels[row] = stratum?.label ?? 0;
    weights[row] = stratum?.weight ?? 1;
    outOfTime[row] = Number(stratum?.part === 'out-of-time');
  }
  return { ids, labels, weights, outOfTime };
}

function requireUnique(ids: ConsecutiveTexts): void {
  const { offsets, bytes } = ids;
  for (let row = 1; row + 1 < offsets.length; row++) {
    const [before, start, end] = [offsets[row - 1] ?? 0, offsets[row] ?? 0, offsets[row + 1] ?? 0];
    if (start - before !== end - start) continue;
    let at = start;
    while (at < end && bytes[at] === bytes[at - start + before]) at++;
    if (at === end) throw twice(PackedTexts.ofConsecutive(ids).get(row) ?? '');
  }
}

function twice(id: string): FactoryError {
  return new FactoryError(
    'visit-id-not-unique',
    `visit ${id} occurs more than once in the visits table: make the ids unique`,
    false,
  );
}
