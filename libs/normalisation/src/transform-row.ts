import type { RawRow } from '@factory/domain';
import {
  NOWHERE,
  type PreparedCategory,
  UNSEEN,
  float32Of,
  levelOf,
  prepare,
  scaled,
  targetOf,
} from './prepared-transform';
import type { Transform } from './transform';

/**
 * Turns one raw row into the network's input: bit for bit what `applyTransform` makes of the same values.
 *
 * @param row values by column; null, absent and empty text (unless it is a level) are unknown; numbers may be text
 * @param onUnseen called with the column of each value that training never saw or that is no number
 * @returns [width]
 */
export function transformRow(
  transform: Transform,
  row: RawRow,
  onUnseen?: (column: string) => void,
): Float32Array {
  const vector = new Float32Array(transform.outputs.length);
  for (const feature of prepare(transform)) {
    const raw = row[feature.column];
    if (feature.kind === 'category') {
      const target = targetOfRaw(feature, raw);
      if (target >= 0) vector[target] = 1;
      else if (target === UNSEEN) onUnseen?.(feature.column);
      continue;
    }
    if (feature.kind === 'presence' && typeof feature.known === 'string') {
      if (isUnknown(raw)) vector[feature.at] = 1;
      continue;
    }
    const value = numberOf(raw);
    if (feature.kind === 'number') {
      vector[feature.at] = scaled(feature, value);
      if (typeof raw === 'string' && raw.trim() !== '' && Number.isNaN(value)) onUnseen?.(feature.column);
    }
    if (feature.missingAt !== NOWHERE && !Number.isFinite(value)) vector[feature.missingAt] = 1;
  }
  return vector;
}

type Raw = RawRow[string];

function isUnknown(raw: Raw): raw is null | undefined {
  return raw === null || raw === undefined || (typeof raw === 'number' && !Number.isFinite(raw));
}

function numberOf(raw: Raw): number {
  if (isUnknown(raw)) return NaN;
  return typeof raw === 'number' ? Math.fround(raw) : float32Of(raw);
}

function targetOfRaw(feature: PreparedCategory, raw: Raw): number {
  if (isUnknown(raw)) return feature.missingAt;
  return targetOf(feature, typeof raw === 'number' ? levelOf(raw) : raw);
}
