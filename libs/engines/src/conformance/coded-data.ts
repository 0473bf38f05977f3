import { NO_COLUMN } from '@factory/normalisation';
import { SeededRandom } from '../seeded-random';
import type { TrainingData } from '../training-engine';

/** Levels of the two categories; their columns are among those of the numbers. */
const LEVELS = [5, 40] as const;

/**
 * The same rows twice: once dense, once with two categories as codes. A row may have none of a category's
 * columns. The goal depends on both categories, and on the numbers if there are any.
 *
 * @param numbers columns of numbers in addition to the categories; may be 0
 */
export function codedData(rows: number, numbers: number, seed: number) {
  const random = new SeededRandom(seed, 'coded-data');
  const [first, second] = LEVELS;
  const width = first + numbers + second;
  const columns = Uint32Array.from({ length: first + second }, (_unused, code) =>
    code < first ? code : code + numbers,
  );
  const denseColumns = Uint32Array.from({ length: numbers }, (_unused, at) => first + at);
  const features = Float32Array.from({ length: rows * numbers }, () => random.normal());
  const labels = new Uint8Array(rows);
  const codes = new Uint16Array(rows * LEVELS.length);
  const dense = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const levels = LEVELS.map((count) => Math.floor(random.fraction() * (count + 1)) - 1);
    levels.forEach((level, group) => {
      const code = level < 0 ? NO_COLUMN : level + (group === 0 ? 0 : first);
      codes[row * LEVELS.length + group] = code;
      if (level >= 0) dense[row * width + columns[code]!] = 1;
    });
    const own = features.subarray(row * numbers, (row + 1) * numbers);
    dense.set(own, row * width + first);
    const logit = (levels[0]! - 2) * 0.8 + ((levels[1]! % 3) - 1) * 1.5 + (own[0] ?? 0);
    labels[row] = random.fraction() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  }
  const every = Uint32Array.from({ length: rows }, (_unused, row) => row);
  const parts = {
    width,
    labels,
    trainRows: every.filter((row) => row % 4 > 0),
    validationRows: every.filter((row) => row % 4 === 0),
  };
  const oneHot = { codes, groups: LEVELS.length, columns, denseColumns };
  return {
    dense: { ...parts, features: dense } satisfies TrainingData,
    coded: { ...parts, features, oneHot } satisfies TrainingData,
  };
}
