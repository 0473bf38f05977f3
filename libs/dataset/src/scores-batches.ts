import type { SizedSource } from '@factory/object-store';
import { readArrowBatches } from './arrow-batches';
import { codesInPlace, readBool, readFloat64, readLevels, readUint8, take } from './arrow-read';
import { marksOf } from './dataset-arrow';
import { SCORES_FILE, type Scores } from './scores-arrow';

/** Consecutive rows of `scores.arrow`, without the ids and times of visits. */
export type ScoresBatch = Pick<Scores, 'rows' | 'marks' | 'judging' | 'labels' | 'weights' | 'probabilities'>;

/**
 * The same as `decodeScores`, while the file's bytes arrive: one batch of rows in memory at a time.
 *
 * @throws BadInputError `not-an-arrow-file`, `file-cut-off` or `missing-column`
 */
export function* readScoresBatches(source: SizedSource): Generator<ScoresBatch> {
  for (const batch of readArrowBatches(source, SCORES_FILE)) {
    const read = new Map(batch.read(batch.count).map((column) => [column.name, column]));
    const column = (name: string) => take(read, name, SCORES_FILE);
    const part = column('part');
    yield {
      rows: batch.rows,
      marks: marksOf(codesInPlace(part), readLevels(part), new Uint8Array(batch.rows)),
      judging: readBool(column('judging')),
      labels: readUint8(column('label')),
      weights: readFloat64(column('weight')),
      probabilities: readFloat64(column('probability')),
    };
  }
}
