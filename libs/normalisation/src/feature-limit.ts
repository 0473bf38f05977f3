import { compareBytes } from '@factory/domain';
import { type DroppedColumn, type Feature, uniqueOutputNames } from './transform';

/** A feature with the variance of each of its outputs after maxabs scaling, in the order of its names. */
export interface Candidate {
  readonly feature: Feature;
  readonly variances: readonly number[];
}

/**
 * Keeps the `most` outputs of largest variance (ties: the earlier ones) and returns what was dropped (rules
 * R4). A category's level that loses its output joins its `rest`.
 */
export function keepMostVariable(
  candidates: readonly Candidate[],
  most: number,
): { features: Feature[]; outputs: string[]; dropped: DroppedColumn[] } {
  const all = candidates.flatMap(({ variances }, candidate) =>
    variances.map((variance, output) => ({ candidate, output, variance })),
  );
  const kept = candidates.map(() => new Set<number>());
  all
    .map((output, order) => ({ ...output, order }))
    .sort((a, b) => b.variance - a.variance || a.order - b.order)
    .slice(0, most)
    .forEach(({ candidate, output }) => kept[candidate]?.add(output));

  const namesOf = uniqueOutputNames(candidates.map(({ feature }) => feature));
  const features: Feature[] = [];
  const outputs: string[] = [];
  const dropped: DroppedColumn[] = [];
  candidates.forEach(({ feature }, candidate) => {
    const names = namesOf[candidate] ?? [];
    const flags = names.map((_, output) => kept[candidate]?.has(output) ?? false);
    const { column } = feature;
    if (!flags.includes(true)) {
      dropped.push({ column, reason: 'low-variance' });
      return;
    }
    features.push(reduce(feature, flags));
    names.forEach((output, index) => {
      if (flags[index]) outputs.push(output);
      else dropped.push({ column, output, reason: 'low-variance' });
    });
  });
  return { features, outputs, dropped };
}

function reduce(feature: Feature, flags: readonly boolean[]): Feature {
  if (feature.kind === 'presence') return feature;
  const indicator = feature.indicator && (flags.at(-1) ?? false);
  if (feature.kind === 'number') {
    if (flags[0]) return { ...feature, indicator };
    const { column, training, median } = feature;
    return {
      kind: 'presence',
      column,
      ...(training ? { training: { unknown: training.unknown } } : {}),
      known: median,
    };
  }
  const gone = feature.levels.filter((_, index) => !flags[index]);
  return {
    ...feature,
    levels: feature.levels.filter((_, index) => flags[index]),
    rest: [...feature.rest, ...gone].sort(compareBytes),
    other: feature.other && (flags[feature.levels.length] ?? false),
    indicator,
  };
}
