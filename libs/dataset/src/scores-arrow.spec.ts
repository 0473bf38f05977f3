import { tableFromIPC } from 'apache-arrow';
import { decodeDataset } from './dataset-arrow';
import { decodeScores, encodeScores, type Scores } from './scores-arrow';

const scores: Scores = {
  rows: 3,
  visitIds: ['1', '2', '30'],
  visitorIds: ['a', 'b', 'ü'],
  marks: Uint8Array.of(0, 2, 3),
  judging: Uint8Array.of(0, 0, 1),
  labels: Uint8Array.of(1, 0, 1),
  weights: Float64Array.of(1, 12.375, 12.375),
  logits: Float64Array.of(-2.5157, 1e-9, 4),
  probabilities: Float64Array.of(0.0748, 0.5, 0.982),
  championProbabilities: Float64Array.of(Number.NaN, 0.25, Number.NaN),
};

describe('scores.arrow', () => {
  it('gives back every score in double precision, and no champion as null', () => {
    const bytes = encodeScores(scores);
    expect(decodeScores(bytes)).toEqual(scores);
    const row = tableFromIPC(bytes).get(0)?.toJSON();
    expect(row).toMatchObject({ part: 'train', judging: false, champion_probability: null });
  });

  it('is the same bytes for the same scores', () => {
    expect(Buffer.from(encodeScores(scores))).toEqual(Buffer.from(encodeScores(structuredClone(scores))));
  });

  it('names the column that a file lacks', () => {
    expect(() => decodeDataset(encodeScores(scores))).toThrow(/visit_time/);
  });
});
