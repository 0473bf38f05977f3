import {
  type CategoryFeature,
  type NumberFeature,
  type PresenceFeature,
  type Transform,
  outputNames,
} from './transform';

/** Target of a category's value without an output; numbers of at least 0 are positions in the vector. */
export const NOWHERE = -1;
export const UNSEEN = -2;

interface Placed {
  /** Position of the feature's first output. */
  readonly at: number;
  /** Position of `<column>__missing`, or NOWHERE. */
  readonly missingAt: number;
}
export type PreparedNumber = Placed & { readonly limit: number } & NumberFeature;
export type PreparedPresence = Placed & PresenceFeature;
export type PreparedCategory = Placed & {
  /** Position of the output that becomes 1, or NOWHERE, by level seen in training. */
  readonly targets: ReadonlyMap<string, number>;
} & CategoryFeature;
export type PreparedFeature = PreparedNumber | PreparedPresence | PreparedCategory;

const prepared = new WeakMap<Transform, readonly PreparedFeature[]>();

/** The features of a transform with their positions in the vector; computed once per transform object. */
export function prepare(transform: Transform): readonly PreparedFeature[] {
  const known = prepared.get(transform);
  if (known) return known;
  let at = 0;
  const features = transform.features.map((feature): PreparedFeature => {
    const width = outputNames(feature).length;
    const first = at;
    at += width;
    if (feature.kind === 'presence') return { ...feature, at: first, missingAt: first };
    const place = { at: first, missingAt: feature.indicator ? first + width - 1 : NOWHERE };
    if (feature.kind === 'number') return { ...feature, ...place, limit: feature.clip ?? Infinity };
    return { ...feature, ...place, targets: targetsOf(feature, first) };
  });
  prepared.set(transform, features);
  return features;
}

function targetsOf(feature: CategoryFeature, first: number): Map<string, number> {
  const restAt = feature.other ? first + feature.levels.length : NOWHERE;
  return new Map([
    ...feature.rest.map((level) => [level, restAt] as const),
    ...feature.levels.map((level, index) => [level, first + index] as const),
  ]);
}

/** The scaled value of a float32 number, NaN = unknown. */
export function scaled({ median, mean, deviation, limit }: PreparedNumber, value: number): number {
  return scaledBy(median, mean, deviation, limit, value);
}

/** The same from the feature's numbers. The only place with the formula of rules R4. */
export function scaledBy(
  median: number,
  mean: number,
  deviation: number,
  limit: number,
  value: number,
): number {
  const output = ((Number.isFinite(value) ? value : median) - mean) / deviation;
  if (output > limit) return limit;
  return output < -limit ? -limit : output;
}

/** Position of a category's value: NOWHERE = no output of its own, UNSEEN = not a level of training. */
export function targetOf(feature: PreparedCategory, level: string): number {
  const target = feature.targets.get(level);
  if (target !== undefined) return target;
  return level === '' ? feature.missingAt : UNSEEN;
}

/** A number as the text of a level: the shortest that distinguishes float32 values, so float32 .1 is `0.1`. */
export function levelOf(value: number): string {
  const exact = Number.isInteger(value) || Math.fround(value) !== value;
  return String(exact ? value : Number(value.toPrecision(7)));
}

/** A number as stored in columns: float32, NaN = unknown. Parses numbers written as text. */
export function float32Of(text: string): number {
  return text.trim() === '' ? NaN : Math.fround(Number(text));
}
