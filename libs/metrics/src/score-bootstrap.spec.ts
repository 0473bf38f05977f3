import { groupSums, type BootstrapInterval } from './group-draws';
import { evaluateScores } from './evaluate-scores';
import { pairedBootstrap } from './paired-bootstrap';
import { logLosses } from './probability-metrics';
import { bootstrapScores } from './score-bootstrap';
import { drawVisits } from './spec-visits';

const visitors = 1500;
const { challenger, champion, labels, weights, groups } = drawVisits(visitors, 3);
const rows = { scores: challenger, labels, weights, groups };
const intervals = bootstrapScores(rows, { seed: 7 });

/** Sandwich standard error of a ratio of sums, visitors being independent. */
function ratioError(
  above: (row: number) => number,
  below: (row: number) => number,
  of: Uint32Array = groups,
): number {
  const count = Math.max(...of) + 1;
  const [a, b] = [groupSums(of, count, above), groupSums(of, count, below)];
  const total = b.reduce((sum, one) => sum + one, 0);
  const ratio = a.reduce((sum, one) => sum + one, 0) / total;
  return Math.sqrt(a.reduce((sum, one, group) => sum + (one - ratio * b[group]!) ** 2, 0)) / total;
}

/**
 * Standard error of the AUC from what each row adds to it, summed by visitor.
 * Source: Obuchowski 1997, "Nonparametric Analysis of Clustered ROC Curve Data".
 */
function areaError(): number {
  const all = [...labels.keys()];
  const goals = all.filter((row) => labels[row] === 1);
  const others = all.filter((row) => labels[row] === 0);
  const sum = (of: number[]) => of.reduce((total, row) => total + weights[row]!, 0);
  const wins = (goal: number, other: number) =>
    challenger[goal]! > challenger[other]! ? 1 : challenger[goal] === challenger[other] ? 0.5 : 0;
  const share = (row: number, against: number[], win: (other: number) => number) =>
    against.reduce((total, other) => total + weights[other]! * win(other), 0) / sum(against);
  const area = evaluateScores(challenger, labels, weights, 0.5).rocAuc;
  const influence = new Float64Array(labels.length);
  for (const goal of goals)
    influence[goal] =
      (weights[goal]! * (share(goal, others, (other) => wins(goal, other)) - area)) / sum(goals);
  for (const other of others)
    influence[other] =
      (weights[other]! * (share(other, goals, (goal) => wins(goal, other)) - area)) / sum(others);
  return Math.sqrt(
    groupSums(groups, visitors, (row) => influence[row]!).reduce((total, one) => total + one ** 2, 0),
  );
}

function expectReach({ lower95, upper95 }: BootstrapInterval, standardError: number): void {
  expect((upper95 - lower95) / (2 * 1.96 * standardError)).toBeGreaterThan(0.93);
  expect((upper95 - lower95) / (2 * 1.96 * standardError)).toBeLessThan(1.07);
}

describe('intervals of one model', () => {
  const weight = (row: number) => weights[row]!;
  const losses = logLosses(challenger, labels);

  it('are around the figures of rules R7', () => {
    const figures = evaluateScores(challenger, labels, weights, 0.5);
    for (const name of ['logLoss', 'rocAuc', 'calibrationRatio'] as const) {
      expect(intervals[name].estimate).toBeCloseTo(figures[name], 12);
      expect(intervals[name].lower99).toBeLessThan(intervals[name].lower95);
      expect(intervals[name].lower95).toBeLessThan(figures[name]);
      expect(intervals[name].upper95).toBeGreaterThan(figures[name]);
      expect(intervals[name].upper99).toBeGreaterThan(intervals[name].upper95);
    }
  });

  it('are as wide as the sandwich estimator says, visitors being drawn as a whole', () => {
    expectReach(
      intervals.logLoss,
      ratioError((row) => weight(row) * losses[row]!, weight),
    );
    expectReach(
      intervals.meanScore,
      ratioError((row) => weight(row) * challenger[row]!, weight),
    );
    expectReach(
      intervals.calibrationRatio,
      ratioError(
        (row) => weight(row) * challenger[row]!,
        (row) => weight(row) * labels[row]!,
      ),
    );
    expectReach(intervals.rocAuc, areaError());
  });

  it('are wider than if the visits of a visitor were independent', () => {
    const apart = ratioError(
      (row) => weight(row) * challenger[row]!,
      weight,
      Uint32Array.from(labels, (_, row) => row),
    );
    const { lower95, upper95 } = intervals.meanScore;
    expect((upper95 - lower95) / (2 * 1.96 * apart)).toBeGreaterThan(1.2);
  });

  it('of a paired difference likewise', () => {
    const [lossA, lossB] = [losses, logLosses(champion, labels)];
    expectReach(
      pairedBootstrap({ lossA, lossB, weights, groups, seed: 5 }),
      ratioError((row) => weight(row) * (lossA[row]! - lossB[row]!), weight),
    );
  });

  it('of differences to other models come from the same draws, as if each were compared alone', () => {
    const others = {
      champion: logLosses(champion, labels),
      base: new Float64Array(labels.length).fill(0.4),
    };
    const { differences, ...alone } = bootstrapScores(rows, { seed: 7, others });
    for (const name of ['logLoss', 'rocAuc', 'calibrationRatio', 'meanScore'] as const)
      expect(alone[name]).toEqual(intervals[name]);
    for (const [name, lossB] of Object.entries(others)) {
      const wanted = pairedBootstrap({ lossA: losses, lossB, weights, groups, seed: 7 });
      const found = differences[name as keyof typeof others];
      for (const end of ['estimate', 'lower95', 'upper95', 'lower99', 'upper99'] as const)
        expect(found[end]).toBeCloseTo(wanted[end], 12);
    }
  });

  it('repeat by seed', () => {
    const again = (seed: number) => bootstrapScores(rows, { seed, samples: 30 });
    expect(again(4)).toEqual(again(4));
    expect(again(4)).not.toEqual(again(5));
  });

  it('leave out draws that cannot tell a figure', () => {
    const two = bootstrapScores(
      {
        scores: Float64Array.of(0.2, 0.4),
        labels: Uint8Array.of(0, 1),
        weights: Float64Array.of(1, 1),
        groups: Uint32Array.of(0, 1),
      },
      { seed: 1 },
    );
    expect(two.rocAuc).toMatchObject({ estimate: 1, lower95: 1, upper95: 1 });
    expect(two.calibrationRatio.lower95).toBeCloseTo(0.4, 12);
    expect(two.calibrationRatio.upper95).toBeCloseTo(0.6, 12);
  });

  it('are 0 where there is nothing to tell', () => {
    const none = bootstrapScores(
      {
        scores: new Float64Array(),
        labels: new Uint8Array(),
        weights: new Float64Array(),
        groups: new Uint32Array(),
      },
      { seed: 1, samples: 5 },
    );
    expect(none.logLoss).toMatchObject({ estimate: 0, lower95: 0, upper99: 0 });
    expect(none.rocAuc).toMatchObject({ estimate: 0, lower95: 0, upper99: 0 });
  });
});
