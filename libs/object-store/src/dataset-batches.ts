import { DataType } from 'apache-arrow';
import type { Column, Dataset } from '@factory/domain';
import { readArrowBatches } from './arrow-batches';
import {
  codesInPlace,
  float32InPlace,
  readFloat64,
  readLevels,
  readUint8,
  take,
  type ColumnReader,
} from './arrow-read';
import { DATASET_FILE, readMarks, unknownColumnType } from './dataset-arrow';
import type { SizedSource } from './read-verified';

/** Some rows of a dataset in their order, without what names a visit. */
export type DatasetBatch = Pick<Dataset, 'rows' | 'features' | 'labels' | 'marks' | 'weights'>;

/**
 * What `decodeDataset` gives, batch by batch as the bytes of `dataset.arrow` arrive. Feature columns lie in memory
 * that the next batch overwrites: copy what must stay.
 *
 * @throws BadInputError `not-an-arrow-file`, `file-cut-off`, `missing-column` or `unknown-column-type`
 */
export function* readDatasetBatches(source: SizedSource): Generator<DatasetBatch> {
  const levels = new Map<string, readonly string[]>();
  for (const columns of readArrowBatches(source, DATASET_FILE)) {
    for (const name of ['visit_id', 'visitor_id', 'visit_time']) take(columns, name, DATASET_FILE);
    const labels = readUint8(take(columns, 'label', DATASET_FILE));
    yield {
      rows: labels.length,
      labels,
      marks: readMarks(take(columns, 'mark', DATASET_FILE)),
      weights: readFloat64(take(columns, 'weight', DATASET_FILE)),
      features: [...columns.values()].map((column) => featureOf(column, levels)),
    };
  }
}

/** @param levels of the columns seen so far: a column's dictionary is the same in all batches */
function featureOf(column: ColumnReader, levels: Map<string, readonly string[]>): Column {
  const { name, type } = column;
  if (DataType.isFloat(type)) return { kind: 'number', name, values: float32InPlace(column) };
  if (!DataType.isDictionary(type)) throw unknownColumnType(column);
  const known = levels.get(name) ?? readLevels(column);
  levels.set(name, known);
  return { kind: 'category', name, codes: codesInPlace(column), levels: known };
}
