import type { RawRow } from '@factory/domain';
import { NOWHERE, type PreparedFeature, prepare } from './prepared-transform';
import type { Transform } from './transform';

/**
 * The raw row of a vector, as far as the vector determines it: unknown if `<column>__missing` is set, a clipped
 * number at the clip, an imputed one without indicator at the median. Dropped columns, rare levels (`other`)
 * and unseen levels have no inverse and are absent.
 *
 * @param vector [width]
 */
export function invertVector(transform: Transform, vector: ArrayLike<number>): RawRow {
  return Object.fromEntries(
    prepare(transform).flatMap((feature) => {
      const value = inverseOf(feature, vector);
      return value === undefined ? [] : [[feature.column, value] as const];
    }),
  );
}

function inverseOf(feature: PreparedFeature, vector: ArrayLike<number>): number | string | null | undefined {
  if (feature.missingAt !== NOWHERE && (vector[feature.missingAt] ?? 0) > 0.5) return null;
  switch (feature.kind) {
    case 'presence':
      return feature.known;
    case 'number':
      return (vector[feature.at] ?? 0) * feature.deviation + feature.mean;
    case 'category':
      return feature.levels.find((_, index) => (vector[feature.at + index] ?? 0) > 0.5);
  }
}
