import { uniqueOutputNames, type Transform } from './transform';

/**
 * A fitted transform without the outputs of some columns; the others are as they were.
 *
 * @returns undefined if no column is left
 */
export function transformWithout(transform: Transform, columns: ReadonlySet<string>): Transform | undefined {
  const features = transform.features.filter(({ column }) => !columns.has(column));
  if (features.length === 0) return undefined;
  return { ...transform, features, outputs: uniqueOutputNames(features).flat() };
}
