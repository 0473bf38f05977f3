import { cellOf, type RawRow } from '@factory/domain';
import {
  NOWHERE,
  type PreparedCategory,
  type PreparedNumber,
  type PreparedPresence,
  UNSEEN,
  float32Of,
  levelOf,
  prepare,
  scaled,
  targetOf,
} from './prepared-transform';
import type { Transform } from './transform';

/**
 * What is unusual about a value: it is unknown; training never saw it (or it is not a number in a column of
 * numbers); it is outside the range that training saw.
 */
export type CellFinding = 'unknown' | 'unseen' | 'outside';
/** Called for each unusual value, at most once per column. */
export type OnFinding = (column: string, finding: CellFinding) => void;

/**
 * Converts one raw row into the network's input: bit for bit the same as `applyTransform` for the same values.
 *
 * @param row values by column; null, absent and empty text (unless it is a level) are unknown; numbers may be
 * text
 * @returns [width]
 */
export function transformRow(transform: Transform, row: RawRow, onFinding?: OnFinding): Float32Array {
  const vector = new Float32Array(transform.outputs.length);
  for (const feature of prepare(transform)) {
    const raw = cellOf(row, feature.column);
    const finding = writeFeature(feature, raw, vector);
    if (finding) onFinding?.(feature.column, finding);
  }
  return vector;
}

type Raw = RawRow[string];

function writeFeature(
  feature: PreparedNumber | PreparedPresence | PreparedCategory,
  raw: Raw,
  vector: Float32Array,
): CellFinding | undefined {
  switch (feature.kind) {
    case 'number':
      return writeNumber(feature, raw, vector);
    case 'category':
      return writeCategory(feature, raw, vector);
    case 'presence': {
      const known = typeof feature.known === 'string' ? !isUnknown(raw) : Number.isFinite(numberOf(raw));
      if (!known) vector[feature.at] = 1;
      return known ? undefined : 'unknown';
    }
  }
}

function writeNumber(feature: PreparedNumber, raw: Raw, vector: Float32Array): CellFinding | undefined {
  const value = numberOf(raw);
  vector[feature.at] = scaled(feature, value);
  if (!Number.isFinite(value) && feature.missingAt !== NOWHERE) vector[feature.missingAt] = 1;
  if (Number.isNaN(value)) return typeof raw === 'string' && raw.trim() !== '' ? 'unseen' : 'unknown';
  const { training } = feature;
  return training && (value < training.min || value > training.max) ? 'outside' : undefined;
}

function writeCategory(feature: PreparedCategory, raw: Raw, vector: Float32Array): CellFinding | undefined {
  const level = isUnknown(raw) ? undefined : typeof raw === 'number' ? levelOf(raw) : raw;
  const target = level === undefined ? feature.missingAt : targetOf(feature, level);
  if (target >= 0) vector[target] = 1;
  if (target === UNSEEN) return 'unseen';
  return level === undefined || !feature.targets.has(level) ? 'unknown' : undefined;
}

function isUnknown(raw: Raw): raw is null | undefined {
  return raw === null || raw === undefined || (typeof raw === 'number' && !Number.isFinite(raw));
}

function numberOf(raw: Raw): number {
  if (isUnknown(raw)) return NaN;
  return typeof raw === 'number' ? Math.fround(raw) : float32Of(raw);
}
