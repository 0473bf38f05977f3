import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readMatrixFolder } from './matrix-folder.mjs';
import { realDataset } from './real-dataset.mjs';
import { syntheticDataset } from './synthetic-dataset.mjs';
import { writeMatrix } from './write-matrix.mjs';

describe('datasets of the benchmarks', () => {
  /** @type {string} */
  let folder;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bench-data-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are read from a real file: numbers, categories and codes, unknown cells, the goal', async () => {
    const file = join(folder, 'visits.csv.gz');
    const lines = ['id;pages;region;month;bought', '1;2.5;7;Feb;TRUE', '2;;3;Mar;FALSE', '3;4;7;;TRUE'];
    writeFileSync(file, gzipSync(`${lines.join('\n')}\n`));
    const dataset = await realDataset({
      file,
      goalColumn: 'bought',
      exclude: ['id'],
      categories: ['region'],
    });
    expect(dataset.rows).toBe(3);
    expect([...dataset.labels]).toEqual([1, 0, 1]);
    expect([...dataset.weights]).toEqual([1, 1, 1]);
    expect(dataset.features).toEqual([
      { kind: 'number', name: 'pages', values: Float32Array.of(2.5, NaN, 4) },
      { kind: 'category', name: 'region', levels: ['3', '7'], codes: Int32Array.of(1, 0, 1) },
      { kind: 'category', name: 'month', levels: ['Feb', 'Mar'], codes: Int32Array.of(0, 1, -1) },
    ]);
  });

  it('are generated with a known share of goals, weighted by the drawn shares', () => {
    const { labels, weights } = syntheticDataset({ rows: 5_000, width: 16, f1: 1, f0: 0.1, seed: 1 });
    const goals = labels.reduce((sum, label) => sum + label, 0);
    expect(goals / labels.length).toBeGreaterThan(0.08);
    expect(goals / labels.length).toBeLessThan(0.15);
    expect([...weights]).toEqual(Array.from(labels, (label) => (label === 1 ? 1 : 10)));
  });

  it('are written so that the rows of each part can be read back, transformed', () => {
    const dataset = syntheticDataset({ rows: 3_000, width: 3, f1: 1, f0: 0.1, seed: 2 });
    const { width, trainRows } = writeMatrix(dataset, { folder, f1: 1, f0: 0.1 });
    const read = readMatrixFolder(folder);
    expect(read.width).toBe(width);
    expect(read.trainRows).toHaveLength(trainRows);
    const all = [...read.trainRows, ...read.validationRows, ...read.testRows].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 3_000 }, (_, row) => row));
    expect([...read.labels]).toEqual([...dataset.labels]);
    expect(width).toBe(dataset.features.length);
    for (const [column, feature] of dataset.features.entries()) {
      // A transform keeps the order of numbers: each row still has its own value.
      const raw = feature.kind === 'number' ? feature.values : [];
      const ascending = [...all].sort((a, b) => (raw[a] ?? NaN) - (raw[b] ?? NaN));
      const transformed = ascending.map((row) => read.features[row * width + column] ?? NaN);
      expect(transformed).toEqual([...transformed].sort((a, b) => a - b));
      expect(new Set(transformed).size).toBeGreaterThan(2_000);
    }
    const { shift } = JSON.parse(readFileSync(join(folder, 'matrix.json'), 'utf8'));
    // Goals were drawn ten times as often: log(f0 / f1).
    expect(shift).toBeCloseTo(Math.log(0.1), 12);
  });
});
