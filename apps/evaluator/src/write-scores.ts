import { scoresChunks } from '@factory/dataset';
import { sigmoid } from '@factory/domain';
import type { ScoredVisits } from './score-visits';

/**
 * Writes scores.arrow: a row a visit, with the candidate's score, and the champion's on the judging rows.
 *
 * @param write receives chunks, each valid until the next
 */
export function writeScores(
  visits: ScoredVisits,
  judging: Uint32Array,
  write: (chunk: Uint8Array) => void,
): void {
  const { rows, logits, others } = visits;
  const flags = new Uint8Array(rows);
  const championProbabilities = new Float64Array(rows).fill(NaN);
  for (const row of judging) {
    flags[row] = 1;
    championProbabilities[row] = sigmoid(others.champion?.[row] ?? NaN);
  }
  const chunks = scoresChunks({
    rows,
    visitIds: visits.visitIds,
    visitorIds: visits.visitorIds,
    marks: visits.marks,
    judging: flags,
    labels: visits.labels,
    weights: visits.weights,
    logits,
    probabilities: logits.map(sigmoid),
    championProbabilities,
  });
  for (const chunk of chunks) write(chunk);
}
