import type { ArtefactRef } from '@factory/contracts';
import { readDatasetBatches, readScoresBatches, type DatasetBatch, type ScoresBatch } from '@factory/dataset';
import { FactoryError, MARKS, rowsOf } from '@factory/domain';
import {
  buildPercentiles,
  drawGoldenPlaces,
  rawValue,
  type GoldenRow,
  type Percentiles,
} from '@factory/model';
import { readVerified, type ByteSource } from '@factory/object-store';

const TRAIN = MARKS.indexOf('train');

export interface JudgedScores {
  /** Of the judging rows. */
  readonly percentiles: Percentiles;
  /** Train rows of the dataset that was scored. */
  readonly trainRows: number;
}

/**
 * The parts of scores.arrow that a bundle contains. Blocks while it waits for bytes, so it runs on a separate thread.
 *
 * @throws IntegrityError if the bytes are not what the evaluator wrote
 * @throws RunSkippedError `no-judging-rows`
 */
export function readJudgedScores(ref: ArtefactRef, source: ByteSource): JudgedScores {
  const scores: Float64Array[] = [];
  const weights: Float64Array[] = [];
  let trainRows = 0;
  readVerified(source, ref, (bytes) => {
    for (const batch of readScoresBatches(bytes)) {
      const isJudging = (_: number, row: number) => batch.judging[row] === 1;
      scores.push(batch.probabilities.filter(isJudging));
      weights.push(batch.weights.filter(isJudging));
      trainRows += countTrainRows(batch);
    }
  });
  return { percentiles: buildPercentiles(joined(scores), joined(weights)), trainRows };
}

export interface GoldenDraw {
  readonly dataset: ArtefactRef;
  /** That the transform uses, in its order. */
  readonly columns: readonly string[];
  /** As `readJudgedScores` counted them. */
  readonly trainRows: number;
  readonly seed: number;
}

/**
 * Raw golden rows of dataset.arrow as it arrives: the same that `buildGoldenRows` draws from the whole dataset.
 * Blocks while it waits for bytes, so it runs on a separate thread.
 *
 * @throws IntegrityError if the bytes are not what sampling wrote
 * @throws FactoryError `scores-of-another-dataset` if the counts of train rows differ
 */
export function readGoldenValues({ dataset, ...draw }: GoldenDraw, source: ByteSource): GoldenRow[] {
  return readVerified(source, dataset, (bytes) => goldenValues(readDatasetBatches(bytes), draw));
}

function goldenValues(
  batches: Iterable<DatasetBatch>,
  { columns, trainRows, seed }: Omit<GoldenDraw, 'dataset'>,
): GoldenRow[] {
  const places = drawGoldenPlaces(columns.length, trainRows, seed);
  const values = places.map(() => new Array<number | string | null>(columns.length).fill(null));
  const indexOf = new Map(columns.map((column, at) => [column, at]));
  let passed = 0;
  for (const batch of batches) {
    const rows = rowsOf(batch, 'train');
    for (const some of batch.features) {
      for (const column of some) {
        const at = indexOf.get(column.name);
        if (at === undefined) continue;
        places.forEach((drawn, golden) => {
          const row = rows[(drawn[at] ?? 0) - passed];
          const into = values[golden];
          if (row !== undefined && into) into[at] = rawValue(column, row);
        });
      }
    }
    passed += rows.length;
  }
  if (passed !== trainRows) throw otherDataset(trainRows, passed);
  return values.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null])));
}

function otherDataset(scored: number, found: number): FactoryError {
  const text = `scores.arrow has ${scored} train rows, dataset.arrow ${found}: retrain, they are not of the same run`;
  return new FactoryError('scores-of-another-dataset', text, false);
}

function countTrainRows({ marks }: ScoresBatch): number {
  return marks.reduce((count, mark) => count + Number(mark === TRAIN), 0);
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
