import { readVerified, sha256Of } from '@factory/object-store';
import { datasetChunks, encodeDataset } from './dataset-arrow';
import { decodeScores, encodeScores, scoresChunks, type Scores } from './scores-arrow';
import { readScoresBatches } from './scores-batches';
import { largeDataset, withoutHalves } from './spec-datasets';
import { sourceOf } from './spec-source';
import { TextColumn } from './text-column';

/** Hashes of the files of version 1, without halves, when they were still created in one piece, from strings. */
const DATASET_SHA256: Readonly<Record<number, string>> = {
  0: 'd3f943bc22809ae3ebd2a5f6c47c01390d02a36081a5e165c39fbba9cafa38d8',
  1: 'dea3bd3279128d9da021e30844d6563dd46548988065e28d14001062f7353b54',
  65_536: 'f467a222612bfce31888f1b76743f96db52484d0f8c8cdb3213a083de829b02d',
  140_000: '295ffe4bdc0e1c29d14a4dd41c5d4ed33bdba31747fc14cd10cac4199d44b20d',
};
const SCORES_SHA256: Readonly<Record<number, string>> = {
  0: 'c9f4db3065ae016d4e36a76473776c4ef7047e9ed561fedef842de5c1ab95539',
  1: '81d8dcc8a0db0fa506ade7a087bca1905e4e1369da0a20c2200f0c81e32f777c',
  65_536: '985c53f5a5a523299eb8957b2b5c81e3027de0055d57e84c120917c5249a7cd9',
  140_000: '5485a81791d1fdd55cc62fdf02468368fbf4f8f22573bd82741f178a7717f9c2',
};
/** Of version 2. */
const HALVED_SHA256 = '36e777bbf19b49b709613320c8b393744a31661bf10b7281f801ed5bf3c08bb5';
const SIZES = Object.keys(DATASET_SHA256).map(Number);

function scoresOf(rows: number): Scores {
  const probabilities = Float64Array.from({ length: rows }, (_, row) => ((row * 7919) % 9973) / 9973);
  const dataset = largeDataset(rows);
  return {
    ...dataset,
    judging: Uint8Array.from(dataset.marks, (mark) => Number(mark === 2)),
    logits: probabilities,
    probabilities,
    championProbabilities: probabilities.map((value, row) => (row % 3 ? NaN : value)),
  };
}

/** The same texts as bytes, in pieces that do not match record batches. */
function asBytes(texts: readonly string[], pieceRows: number): TextColumn {
  const column = new TextColumn();
  for (let from = 0; from < texts.length; from += pieceRows) {
    const piece = texts.slice(from, from + pieceRows).map((text) => Buffer.from(text, 'utf8'));
    let end = 3;
    const offsets = Int32Array.from([end, ...piece.map((text) => (end += text.length))]);
    column.add(offsets, Buffer.concat([Buffer.from('xyz'), ...piece, Buffer.from('rest')]));
  }
  return column;
}

const joined = (chunks: Iterable<Uint8Array>) =>
  Buffer.concat([...chunks].map((chunk) => Buffer.from(chunk)));

it('the file of version 2 has the same bytes as ever', () => {
  expect(sha256Of(encodeDataset(largeDataset(140_000)))).toBe(HALVED_SHA256);
});

describe.each(SIZES)('the files of the same %d rows', (rows) => {
  it('have the same bytes as ever', () => {
    expect(sha256Of(encodeDataset(withoutHalves(largeDataset(rows))))).toBe(DATASET_SHA256[rows]);
    expect(sha256Of(encodeScores(scoresOf(rows)))).toBe(SCORES_SHA256[rows]);
  });

  it.each([1_000, 65_536, 100_001])('have them if ids are bytes in pieces of %d rows', (pieceRows) => {
    const dataset = withoutHalves(largeDataset(rows));
    const ids = {
      visitIds: asBytes(dataset.visitIds, pieceRows),
      visitorIds: asBytes(dataset.visitorIds, pieceRows),
    };
    expect(sha256Of(joined(datasetChunks({ ...dataset, ...ids })))).toBe(DATASET_SHA256[rows]);
    expect(sha256Of(joined(scoresChunks({ ...scoresOf(rows), ...ids })))).toBe(SCORES_SHA256[rows]);
  });

  it('are read batch by batch as they are read as a whole', () => {
    const bytes = encodeScores(scoresOf(rows));
    const whole = decodeScores(bytes);
    let done = 0;
    const ref = { key: 'scores.arrow', sha256: sha256Of(bytes), bytes: bytes.length };
    readVerified(sourceOf(bytes), ref, (source) => {
      for (const batch of readScoresBatches(source)) {
        for (const name of ['marks', 'judging', 'labels', 'weights', 'probabilities'] as const)
          expect(batch[name]).toEqual(whole[name].slice(done, done + batch.rows));
        done += batch.rows;
      }
    });
    expect(done).toBe(rows);
  });
});
