import type { Trial } from '@factory/domain';
import {
  initialNetwork,
  networkFamily,
  type EpochRecord,
  type ModelFamily,
  type PausedTraining,
} from '@factory/engines';
import { decodeModel, NetworkModel } from '@factory/model';
import { runTrial, trialSeed } from './run-trial';
import { specTrial } from './spec-trials';
import type { TrialData } from './trial-data';

const TRIAL: Trial = specTrial(4, { node1: 3, node2: 2 });

/**
 * Row r's only feature is its logit: rows 0-3 train, 4-7 validation, 8-11 test. Goals weigh 1, others 10, and the
 * shift is ln(1/10), so that natural odds are a tenth of the drawn ones.
 */
const DATA: TrialData = {
  features: Float32Array.of(2, -1, 0.5, -3, 1, 1, -2, -1, 3, 1, -1, 0.25),
  width: 1,
  labels: Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0),
  weights: Float64Array.of(1, 10, 10, 10, 1, 10, 10, 10, 1, 10, 1, 10),
  trainRows: Uint32Array.of(0, 1, 2, 3),
  validationRows: Uint32Array.of(4, 5, 6, 7),
  testRows: Uint32Array.of(8, 9, 10, 11),
  shift: Math.log(0.1),
};

const epoch = (number: number): EpochRecord => ({
  epoch: number,
  trainLoss: 0.5,
  trainAccuracy: 0.5,
  validationLoss: 0.5,
  validationAccuracy: 0.5,
  learningRate: 0.001,
  seconds: 0.5,
});

/** Networks whose engine returns each row's feature as its logit. */
function readingFamily(
  changes: { diverged?: boolean; logit?: number; paused?: PausedTraining } = {},
): ModelFamily & { seeds: number[] } {
  const seeds: number[] = [];
  const family = networkFamily({
    name: 'reader',
    open: () => {
      throw new TypeError('the reader has no network');
    },
    train: (data, settings, { seed }) => {
      seeds.push(seed);
      return Promise.resolve({
        weights: initialNetwork(data.width, settings, seed),
        history: [epoch(1), epoch(2)],
        epochs: 2,
        bestEpoch: 1,
        rateDrops: 3,
        stoppedEarly: false,
        diverged: changes.diverged ?? false,
        paused: changes.paused ?? null,
      });
    },
    predictLogits: (_weights, { features }, rows) =>
      Float32Array.from(rows, (row) => changes.logit ?? features[row]!),
  });
  return { ...family, seeds };
}

/** Log-loss of a goal whose log-odds are `logit`, from the probability itself. */
const lossOfGoal = (logit: number) => -Math.log(1 / (1 + Math.exp(-logit)));
const lossOfOther = (logit: number) => -Math.log(1 - 1 / (1 + Math.exp(-logit)));

/** What makes the mean score of the four train rows one goal of four, as drawn: by bisection. */
function levelOfTrainRows(): number {
  const score = (logit: number) => 1 / (1 + Math.exp(-logit));
  let [low, high] = [-50, 50];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    const sum = score(2 + middle) + score(-1 + middle) + score(0.5 + middle) + score(-3 + middle);
    if (sum < 1) low = middle;
    else high = middle;
  }
  return low;
}

describe('runTrial', () => {
  it('measures the drawn rows unshifted, at threshold .5', async () => {
    const outcome = await runTrial(readingFamily(), DATA, TRIAL, { seed: 's' });
    expect(outcome.trainAccuracy).toBe(3 / 4);
    expect(outcome.trainLoss).toBeCloseTo(
      (lossOfGoal(2) + lossOfOther(-1) + lossOfOther(0.5) + lossOfOther(-3)) / 4,
      12,
    );
    expect(outcome.validationLoss).toBeCloseTo(
      (lossOfGoal(1) + lossOfOther(1) + lossOfOther(-2) + lossOfOther(-1)) / 4,
      12,
    );
    expect(outcome.validationAccuracy).toBe(3 / 4);
    expect(outcome.testLoss).toBeCloseTo(
      (lossOfGoal(3) + lossOfOther(1) + lossOfGoal(-1) + lossOfOther(0.25)) / 4,
      12,
    );
    expect(outcome.testAccuracy).toBe(1 / 4);
    expect(outcome.testPrecision).toBe(1 / 3);
    expect(outcome.testRecall).toBe(1 / 2);
  });

  it('measures natural figures after level and shift, with weights 1/f', async () => {
    const outcome = await runTrial(readingFamily(), DATA, TRIAL, { seed: 's' });
    const down = Math.log(0.1) + levelOfTrainRows();
    expect(outcome.naturalValidationLogLoss).toBeCloseTo(
      (lossOfGoal(1 + down) +
        10 * (lossOfOther(1 + down) + lossOfOther(-2 + down) + lossOfOther(-1 + down))) /
        31,
      12,
    );
    expect(outcome.naturalTestLogLoss).toBeCloseTo(
      (lossOfGoal(3 + down) +
        lossOfGoal(-1 + down) +
        10 * (lossOfOther(1 + down) + lossOfOther(0.25 + down))) /
        22,
      12,
    );
    expect(outcome.rocAuc).toBe(1 / 2);
    // goals are first and last: precision 1 at the first half of recall, 2 of 22 at the second
    expect(outcome.prAuc).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 22), 12);
  });

  it('stores the model at the level of the train rows', async () => {
    const outcome = await runTrial(readingFamily(), DATA, TRIAL, { seed: 's' });
    const trained = new NetworkModel(initialNetwork(1, TRIAL.settings, trialSeed('s', 4)));
    const row = Float32Array.of(0.7);
    const stored = decodeModel('network', outcome.weights!);
    expect(stored.logit(row) - trained.logit(row)).toBeCloseTo(levelOfTrainRows(), 6);
  });

  it('returns the figures of a training that the ledger stores', async () => {
    const outcome = await runTrial(readingFamily(), DATA, TRIAL, { seed: 's' });
    expect(outcome).toMatchObject({
      ...TRIAL,
      status: 'done',
      engine: 'reader',
      epochsRun: 2,
      rateDrops: 3,
      seconds: 1,
      rowsPerSecond: 8,
      parameters: 2 * 3 + 4 * 2 + 3,
      error: null,
    });
    expect(decodeModel('network', outcome.weights!)).toMatchObject({
      inputs: 1,
      parameters: 2 * 3 + 4 * 2 + 3,
    });
  });

  it('measures a paused trial on validation rows only, and returns the state to resume from', async () => {
    const paused = { history: [epoch(1), epoch(2)] } as unknown as PausedTraining;
    const outcome = await runTrial(readingFamily({ paused }), DATA, TRIAL, {
      seed: 's',
      untilEpoch: 2,
    });
    const whole = await runTrial(readingFamily(), DATA, TRIAL, { seed: 's' });
    expect(outcome).toMatchObject({
      paused: { family: 'network', steps: 2, training: paused },
      weights: null,
      epochsRun: 2,
      trainLoss: null,
      testLoss: null,
      rocAuc: null,
    });
    for (const figure of ['validationLoss', 'validationAccuracy'] as const)
      expect(outcome[figure]).toBe(whole[figure]);
    // What may never be trained to its end has no level yet.
    const down = Math.log(0.1);
    expect(outcome.naturalValidationLogLoss).toBeCloseTo(
      (lossOfGoal(1 + down) +
        10 * (lossOfOther(1 + down) + lossOfOther(-2 + down) + lossOfOther(-1 + down))) /
        31,
      12,
    );
  });

  it.each([
    ['the training diverged', readingFamily({ diverged: true })],
    ['a logit overflows', readingFamily({ logit: Infinity })],
    ['a logit is not a number', readingFamily({ logit: NaN })],
  ])('is diverged, without weights or figures, when %s', async (_case, family) => {
    const outcome = await runTrial(family, DATA, TRIAL, { seed: 's' });
    expect(outcome).toMatchObject({
      status: 'diverged',
      weights: null,
      naturalValidationLogLoss: null,
      epochsRun: 2,
    });
    expect(outcome.error).toMatch(/not finite after 2 epochs/);
  });

  it('gives each trial of a run a different seed, and a repeated trial the same seed', async () => {
    const family = readingFamily();
    for (const trial of [4, 4, 5]) await runTrial(family, DATA, { ...TRIAL, trial }, { seed: 's' });
    expect(family.seeds[1]).toBe(family.seeds[0]);
    expect(family.seeds[2]).not.toBe(family.seeds[0]);
    expect(trialSeed('other', 4)).not.toBe(trialSeed('s', 4));
    expect(trialSeed('s', 4)).toBeLessThan(2 ** 32);
  });
});
