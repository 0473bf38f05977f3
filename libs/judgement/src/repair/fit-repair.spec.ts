import { Xoroshiro128Plus, sigmoid } from '@factory/domain';
import { calibrationIntervals, type BootstrapInterval, type ScoredRows } from '@factory/metrics';
import type { LogitLine } from '@factory/model';
import { fitRepair } from './fit-repair';

const uniformOf = (seed: number) => {
  const generator = new Xoroshiro128Plus(seed);
  return () => ((generator.int32() >>> 0) + 0.5) / 2 ** 32;
};

/**
 * Visits, up to three of a visitor, whose true log-odds are on this line of their scores'; goals weigh 1, others, drawn one
 * in ten, 10.
 */
function drawn(visitors: number, seed: number, { slope, bias }: LogitLine): ScoredRows {
  const uniform = uniformOf(seed);
  const rows: { score: number; label: number; weight: number; group: number }[] = [];
  let group = 0;
  for (let visitor = 0; visitor < visitors; visitor++) {
    const own = Math.log(uniform() / (1 - uniform()));
    const before = rows.length;
    for (let visits = 1 + Math.floor(3 * uniform()); visits > 0; visits--) {
      const x = -2.5 + 0.7 * own + 0.5 * (uniform() - 0.5);
      const label = Number(uniform() < sigmoid(slope * x + bias));
      if (label === 1 || uniform() < 0.1)
        rows.push({ score: sigmoid(x), label, weight: label === 1 ? 1 : 10, group });
    }
    if (rows.length > before) group++;
  }
  return {
    scores: Float64Array.from(rows, ({ score }) => score),
    labels: Uint8Array.from(rows, ({ label }) => label),
    weights: Float64Array.from(rows, ({ weight }) => weight),
    groups: Uint32Array.from(rows, (row) => row.group),
  };
}

const onLine = (rows: ScoredRows, { slope, bias }: LogitLine): ScoredRows => ({
  ...rows,
  scores: rows.scores.map((p) => sigmoid(slope * Math.log(p / (1 - p)) + bias)),
});
const covers = ({ lower95, upper95 }: BootstrapInterval, value: number) =>
  lower95 <= value && value <= upper95;

const SAMPLES = 20;
const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
/** Standard error of the mean. */
const error = (of: readonly number[]) =>
  Math.sqrt(of.reduce((sum, one) => sum + (one - mean(of)) ** 2, 0) / (of.length - 1) / of.length);

describe('the repair of probabilities', () => {
  it.each([
    ['scores that are too extreme', { slope: 0.7, bias: -0.4 }],
    ['scores that are too timid', { slope: 1.4, bias: 0.8 }],
  ])('finds the line of %s, and other visitors are then calibrated', (_case, truth) => {
    const [slopes, ratios]: [number[], number[]] = [[], []];
    let covered = 0;
    for (let seed = 1; seed <= SAMPLES; seed++) {
      const { fitted, looked, reason } = fitRepair(drawn(12_000, seed, truth));
      expect(reason).toBe('repaired');
      expect(looked.slope).toMatchObject({ estimate: fitted!.slope });
      expect(Math.abs(fitted!.bias - truth.bias)).toBeLessThan(0.35);
      covered += Number(covers(looked.slope as BootstrapInterval, truth.slope));
      const after = calibrationIntervals(onLine(drawn(12_000, 1_000 + seed, truth), fitted!));
      ratios.push(after.ratio.estimate);
      slopes.push((after.slope as BootstrapInterval).estimate);
    }
    // Of 20 intervals at 95 % fewer than 16 cover once in 400 times.
    expect(covered).toBeGreaterThanOrEqual(16);
    for (const figures of [ratios, slopes])
      expect(Math.abs(mean(figures) - 1)).toBeLessThan(3.5 * error(figures));
    expect(error(ratios)).toBeLessThan(0.02);
    expect(error(slopes)).toBeLessThan(0.03);
  });

  it('moves the level alone where the slope is right', () => {
    const { fitted, looked } = fitRepair(drawn(12_000, 3, { slope: 1, bias: -0.5 }));
    expect(looked.ratio.lower95).toBeGreaterThan(1.05);
    expect(fitted!.slope).toBe(1);
    expect(Math.abs(fitted!.bias + 0.5)).toBeLessThan(0.12);
  });

  it('makes the mean score that of the goals on its own rows, whatever it fits', () => {
    for (const line of [
      { slope: 0.7, bias: -0.4 },
      { slope: 1, bias: 0.6 },
    ]) {
      const rows = drawn(6_000, 5, line);
      const { fitted } = fitRepair(rows);
      expect(calibrationIntervals(onLine(rows, fitted!)).ratio.estimate).toBeCloseTo(1, 9);
    }
  });

  it('leaves calibrated scores as they are', () => {
    const repaired = Array.from({ length: 40 }, (_, at) =>
      fitRepair(drawn(4_000, 100 + at, { slope: 1, bias: 0 })),
    );
    // The range beyond the interval makes it rarer than the 5 % of each interval.
    expect(repaired.filter(({ fitted }) => fitted).length).toBeLessThanOrEqual(2);
    expect(repaired[0]).toMatchObject({ fitted: null, reason: 'calibrated' });
  });

  it('leaves scores that are off by less than the range', () => {
    expect(fitRepair(drawn(40_000, 9, { slope: 1.02, bias: 0.06 }))).toMatchObject({ reason: 'calibrated' });
  });

  it('says why it cannot', () => {
    const rows = drawn(4_000, 11, { slope: -0.8, bias: -4 });
    expect(fitRepair(rows)).toMatchObject({ fitted: null, reason: 'slope-not-positive' });
    const none = { ...rows, labels: new Uint8Array(rows.labels.length) };
    expect(fitRepair(none)).toMatchObject({
      fitted: null,
      reason: 'no-line',
      looked: { goals: 0, slope: 'one-class' },
    });
    const same = { ...rows, scores: rows.scores.map(() => 0.5) };
    expect(fitRepair(same)).toMatchObject({
      fitted: null,
      reason: 'no-line',
      looked: { slope: 'one-score' },
    });
  });
});
