import type { Column } from '@factory/domain';
import { applyTransform, fitTransform, type Transform } from '@factory/normalisation';
import { SeededRandom } from '../seeded-random';
import type { TrainingData } from '../training-engine';

/** Raw columns with gaps and a category, and the matrix that their transform makes of them. */
export interface FamilyData {
  readonly columns: readonly Column[];
  readonly transform: Transform;
  /** Of ten rows, seven are train and three validation; about one in four is a goal. */
  readonly data: TrainingData;
}

/** Visits whose goals follow from basket and device, so that every family can learn something. */
export function familyData(rows: number, seed: number): FamilyData {
  const random = new SeededRandom(seed, 'family-data');
  const basket = new Float32Array(rows).map(() =>
    random.fraction() < 0.1 ? NaN : 50 + 30 * random.normal(),
  );
  const visits = new Float32Array(rows).map(() => Math.floor(6 * random.fraction()));
  const codes = new Int32Array(rows).map(() => Math.floor(4 * random.fraction()) - 1);
  const columns: readonly Column[] = [
    { kind: 'number', name: 'basket', values: basket },
    { kind: 'number', name: 'visits', values: visits },
    { kind: 'category', name: 'device', codes, levels: ['desktop', 'phone', 'tablet'] },
  ];
  const labels = new Uint8Array(rows).map((_, row) => {
    const logit = -2 + (basket[row]! > 60 ? 2 : 0) + (codes[row] === 1 ? 1.5 : 0);
    return random.fraction() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  });
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  const trainRows = all.filter((row) => row % 10 < 7);
  const transform = fitTransform(columns, trainRows);
  const { matrix, width } = applyTransform(transform, columns, all);
  const validationRows = all.filter((row) => row % 10 >= 7);
  return { columns, transform, data: { features: matrix, width, labels, trainRows, validationRows } };
}
