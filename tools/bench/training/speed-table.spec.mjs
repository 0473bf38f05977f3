import { operationsOfRow, tableRows } from './speed-table.mjs';
import { trainingFaults } from './thresholds.mjs';

/**
 * @import { MeasuredRound } from './speed-table.mjs'
 */

const SHAPE = { features: 50, node1: 64, node2: 32 };

/**
 * @param {Record<string, number>} speeds rows a second
 * @returns {MeasuredRound}
 */
function round(speeds) {
  const turns = new Map(
    Object.entries(speeds).map(([name, rowsPerSecond]) => [name, { rowsPerSecond, cores: 1 }]),
  );
  return { sgemm: 100, turns };
}

/**
 * @param {MeasuredRound[]} rounds
 * @param {string} engine
 */
function rowOf(rounds, engine) {
  const row = tableRows({ shape: SHAPE, batch: 32 }, 1, rounds).find((one) => one.engine === engine);
  if (!row) throw new Error(`no row of ${engine}`);
  return row;
}

describe('the table of speeds', () => {
  it('counts a multiplication and an addition per weight: forward, and backward twice, except to the first inputs', () => {
    // 50x64-32-1: forward 3,200 + 2,048 + 32, backward to weights the same, to inputs 2,048 + 32.
    expect(operationsOfRow(SHAPE)).toBe(2 * (5_280 + 5_280 + 2_080));
  });

  it('divides within each round, then takes the median', () => {
    const rounds = [
      round({ 'kernel-avx2': 200, 'keras-fit': 10, 'tf-function': 50, 'jax-scan': 100 }),
      round({ 'kernel-avx2': 300, 'keras-fit': 10, 'tf-function': 200, 'jax-scan': 100 }),
      round({ 'kernel-avx2': 100, 'keras-fit': 4, 'tf-function': 20, 'jax-scan': 50 }),
    ];
    const row = rowOf(rounds, 'kernel-avx2');
    expect(row.timesKeras).toBe(25); // 20, 30, 25
    expect(row.timesPeer).toBe(2); // 2, 1.5, 2
    expect(row.thousandRows).toBe(0.2);
  });

  it('has no ratio to an engine that was not measured', () => {
    const row = rowOf([round({ 'kernel-avx2': 200, 'jax-scan': 100 })], 'kernel-avx2');
    expect(row.timesKeras).toBeNull();
    expect(row.timesPeer).toBe(2);
  });
});

describe('the target of engines', () => {
  it('is missed below each threshold, and not at the threshold itself', () => {
    const enough = { 'kernel-avx2': 20, 'keras-fit': 1, 'jax-scan': 20 / 1.7 };
    const rows = tableRows({ shape: SHAPE, batch: 32 }, 1, [round(enough)]);
    expect(trainingFaults(rows)).toEqual([]);
    const slower = tableRows({ shape: SHAPE, batch: 32 }, 1, [round({ ...enough, 'kernel-avx2': 19 })]);
    expect(trainingFaults(slower)).toEqual([
      'kernel-avx2 at 50x64-32, batch 32: times the strongest peer: 1.61, less than 1.7',
      'kernel-avx2 at 50x64-32, batch 32: times keras-fit: 19.00, less than 20',
    ]);
  });

  it('applies to one worker at a time', () => {
    const rows = tableRows({ shape: SHAPE, batch: 32 }, 2, [round({ 'kernel-avx2': 1, 'keras-fit': 1 })]);
    expect(trainingFaults(rows)).toEqual([]);
  });

  it("is half of the machine's limit for the best native kernel of the wide network, at its best batch", () => {
    const shape = { features: 400, node1: 128, node2: 64 };
    const operations = operationsOfRow(shape);
    /** @param {number} share of 100 * 10^9 operations a second */
    const speed = (share) => (share * 100e9) / operations;
    const rows = [0.3, 0.45].flatMap((share, at) =>
      tableRows({ shape, batch: 32 * (at + 1) }, 1, [
        round({ 'kernel-avx512': speed(share), 'kernel-avx2': speed(0.1) }),
      ]),
    );
    expect(trainingFaults(rows)).toEqual([
      'kernel-avx512 at 400x128-64: share of the sgemm limit: 0.45, less than 0.5',
    ]);
  });
});
