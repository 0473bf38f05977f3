import { type Column, RunSkippedError } from '@factory/domain';
import {
  type CategoryProfile,
  type ColumnProfile,
  type NumberProfile,
  profileColumns,
} from './column-profile';
import { MAX_LEVELS, findDropped, hasOneValue, needsIndicator } from './dropped-columns';
import { type Candidate, keepMostVariable } from './feature-limit';
import { type NumberFeature, type Scaler, TRANSFORM_SCHEMA_VERSION, type Transform } from './transform';

export interface FitOptions {
  /** Default `standard`. */
  readonly scaler?: Scaler;
  /** Maximum number of outputs (columns after one-hot encoding and indicators). Default 400. */
  readonly maxFeatures?: number;
  /** Columns that are excluded by declaration. */
  readonly exclude?: readonly string[];
}

/** Outputs are clipped at this many deviations (rules R4). */
const CLIP = 10;

/**
 * Fits the transform of rules R4, unweighted. Pure: the same rows give the same JSON.
 *
 * Leakage starts here: give TRAIN rows only. Validation, test and out-of-time rows see the result, never the fit.
 *
 * @param trainRows row numbers of the TRAIN mark
 * @throws RunSkippedError `no-train-rows`, or `no-features` with the columns and why each was dropped
 */
export function fitTransform(
  columns: readonly Column[],
  trainRows: Uint32Array,
  options: FitOptions = {},
): Transform {
  const { scaler = 'standard', maxFeatures = 400, exclude = [] } = options;
  if (trainRows.length === 0) {
    throw new RunSkippedError('no-train-rows', 'no row is marked train: widen the range or draw more visits');
  }
  const profiles = profileColumns(columns, trainRows);
  const unusable = findDropped(columns, profiles, trainRows, exclude);
  const left = new Set(unusable.map(({ column }) => column));
  const candidates = profiles
    .filter(({ name }) => !left.has(name))
    .map((profile) => candidateOf(profile, scaler));
  const { features, outputs, dropped: limited } = keepMostVariable(candidates, maxFeatures);
  const dropped = [...unusable, ...limited];
  if (features.length === 0) {
    throw new RunSkippedError(
      'no-features',
      'every feature column was dropped, so there is nothing to learn from: see the reasons in the figures',
      { dropped },
    );
  }
  return {
    schemaVersion: TRANSFORM_SCHEMA_VERSION,
    scaler,
    rows: trainRows.length,
    features,
    outputs,
    dropped,
  };
}

function candidateOf(profile: ColumnProfile, scaler: Scaler): Candidate {
  const indicator = needsIndicator(profile);
  const missing = shareVariance(profile.unknown, profile.rows);
  if (hasOneValue(profile)) {
    const known = profile.kind === 'number' ? profile.median : (profile.levels[0]?.level ?? '');
    const training = { unknown: profile.unknown };
    return { feature: { kind: 'presence', column: profile.name, training, known }, variances: [missing] };
  }
  if (profile.kind === 'category') return categoryCandidate(profile, indicator, missing);
  const spread = profile.deviation / largestOf(profile);
  return {
    feature: {
      kind: 'number',
      column: profile.name,
      // Never -0, which JSON cannot represent.
      training: { unknown: profile.unknown, min: profile.min + 0, max: profile.max + 0 },
      median: profile.median,
      indicator,
      ...scalingOf(profile, scaler),
    },
    variances: [spread * spread, ...(indicator ? [missing] : [])],
  };
}

function categoryCandidate(profile: CategoryProfile, indicator: boolean, missing: number): Candidate {
  const levels = profile.levels.slice(0, MAX_LEVELS);
  const rest = profile.levels.slice(MAX_LEVELS);
  const other = rest.length > 0;
  const restCount = rest.reduce((sum, { count }) => sum + count, 0);
  return {
    feature: {
      kind: 'category',
      column: profile.name,
      training: {
        unknown: profile.unknown,
        singleLevels: profile.levels.filter(({ count }) => count === 1).length,
      },
      levels: levels.map(({ level }) => level),
      rest: rest.map(({ level }) => level),
      other,
      indicator,
    },
    variances: [
      ...levels.map(({ count }) => shareVariance(count, profile.rows)),
      ...(other ? [shareVariance(restCount, profile.rows)] : []),
      ...(indicator ? [missing] : []),
    ],
  };
}

function scalingOf(
  profile: NumberProfile,
  scaler: Scaler,
): Pick<NumberFeature, 'mean' | 'deviation' | 'trim' | 'clip'> {
  if (scaler === 'none') return { mean: 0, deviation: 1, trim: 'none', clip: null };
  if (scaler === 'maxabs') return { mean: 0, deviation: largestOf(profile), trim: 'none', clip: CLIP };
  const { trimmedMean, trimmedDeviation } = profile;
  // More than 75 % zeros give IQR 0 and a trimmed deviation of 0: all other rows would be infinitely far out.
  if (trimmedDeviation <= 1e-9 * Math.max(1, Math.abs(trimmedMean))) {
    return { mean: profile.mean, deviation: profile.deviation, trim: 'none', clip: CLIP };
  }
  return { mean: trimmedMean, deviation: trimmedDeviation, trim: 'iqr', clip: CLIP };
}

function largestOf(profile: NumberProfile): number {
  return Math.max(Math.abs(profile.min), Math.abs(profile.max));
}

/** Sample variance (n - 1) of a 0-1 output that is 1 in `count` of `rows`. */
function shareVariance(count: number, rows: number): number {
  const share = count / rows;
  return rows < 2 ? 0 : (share * (1 - share) * rows) / (rows - 1);
}
