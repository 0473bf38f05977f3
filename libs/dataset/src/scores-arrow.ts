import { readArrowFile, readBool, readFloat64, readUint8, readUtf8, take } from './arrow-read';
import {
  arrowFileChunks,
  boolColumn,
  float64Column,
  joinChunks,
  uint8Column,
  utf8Column,
  type Texts,
} from './arrow-write';
import { markColumn, readMarks } from './dataset-arrow';

export const SCORES_FILE = 'scores.arrow';

/** The scores of an evaluation (rules R7), one entry per row in every array. */
export interface Scores {
  readonly rows: number;
  readonly visitIds: readonly string[];
  readonly visitorIds: readonly string[];
  /** Index into MARKS; written as column `part`. */
  readonly marks: Uint8Array;
  /** 1 = one of the judging rows (rules R6). */
  readonly judging: Uint8Array;
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
  /** True logit of the candidate, prior shift included. */
  readonly logits: Float64Array;
  /** Probability of the candidate at the natural base rate. */
  readonly probabilities: Float64Array;
  /** Natural probability of the champion with its own transform; NaN = no champion. */
  readonly championProbabilities: Float64Array;
}

/** Scores whose ids may already be bytes. */
export type WritableScores = Omit<Scores, 'visitIds' | 'visitorIds'> & {
  readonly visitIds: Texts;
  readonly visitorIds: Texts;
};

/** `scores.arrow`: every metric of the report can be recomputed from this file alone. */
export function encodeScores(scores: WritableScores): Uint8Array {
  return joinChunks(scoresChunks(scores));
}

/** The bytes of `encodeScores`, created on demand; use each chunk before requesting the next. */
export function scoresChunks(scores: WritableScores): Generator<Uint8Array> {
  return arrowFileChunks(
    [
      utf8Column('visit_id', scores.visitIds),
      utf8Column('visitor_id', scores.visitorIds),
      markColumn(0, 'part', scores.marks),
      boolColumn('judging', scores.judging),
      uint8Column('label', scores.labels),
      float64Column('weight', scores.weights),
      float64Column('logit', scores.logits),
      float64Column('probability', scores.probabilities),
      float64Column('champion_probability', scores.championProbabilities, true),
    ],
    scores.rows,
    { format: 'propensity-scores', version: '1' },
  );
}

/** Reads what `encodeScores` wrote. @throws BadInputError `not-an-arrow-file` or `missing-column` */
export function decodeScores(bytes: Uint8Array): Scores {
  const columns = readArrowFile(bytes, SCORES_FILE);
  const visitIds = readUtf8(take(columns, 'visit_id', SCORES_FILE));
  return {
    rows: visitIds.length,
    visitIds,
    visitorIds: readUtf8(take(columns, 'visitor_id', SCORES_FILE)),
    marks: readMarks(take(columns, 'part', SCORES_FILE)),
    judging: readBool(take(columns, 'judging', SCORES_FILE)),
    labels: readUint8(take(columns, 'label', SCORES_FILE)),
    weights: readFloat64(take(columns, 'weight', SCORES_FILE)),
    logits: readFloat64(take(columns, 'logit', SCORES_FILE)),
    probabilities: readFloat64(take(columns, 'probability', SCORES_FILE)),
    championProbabilities: readFloat64(take(columns, 'champion_probability', SCORES_FILE)),
  };
}
