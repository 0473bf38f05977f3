import type { NetworkSettings } from '@factory/domain';
import { rankScores, rocAuc } from '@factory/metrics';
import * as tf from '@tensorflow/tfjs';
import { trainGroup, type GroupMember, type GroupTrainingOptions } from '../batched/batched-trainer';
import { DeviceData } from '../batched/device-data';
import { startTfjsBackend, type TfjsBackend } from '../tfjs/tfjs-backend';
import { createTfjsEngine } from '../tfjs/tfjs-engine';
import type { EpochRecord, TrainedTrial, TrainingData } from '../training-engine';
import { OVERFITTING, REFERENCE_SETTINGS, SMALL, smallData } from './conformance-cases';
import { syntheticData } from './synthetic-data';

const nowMs = () => performance.now();
const SHARED_SEED = 9;

const BASE: NetworkSettings = { ...SMALL, learningRate: 0.003 };

/** Different in everything that a program may mix, and also in batch size, which it may not. */
const MIXED: readonly NetworkSettings[] = [
  BASE,
  { ...BASE, node1: 5, node2: 9, optimizer: 'rmsprop' },
  { ...BASE, node1: 16, node2: 3, optimizer: 'nadam', learningRate: 0.01 },
  { ...BASE, optimizer: 'sgd', learningRate: 0.1, epochs: 3 },
  { ...BASE, node1: 8, batchSize: 50 },
];

/**
 * Tests of networks trained as one program, in addition to those of each network alone (`describeEngine`).
 *
 * @param nativeDir of the native backend
 */
export function describeBatchedTraining(backend: TfjsBackend, nativeDir?: () => string): void {
  describe(`networks trained as one program on ${backend}`, () => {
    beforeAll(() => startTfjsBackend(backend, nativeDir?.()));

    const data = smallData();

    it('have the loss curves that each has alone, dropout off, whatever their widths and optimizers', async () => {
      const together = await train(data, MIXED.map(member));
      const engine = await createTfjsEngine(backend, nowMs, nativeDir?.());
      for (const [index, settings] of MIXED.entries()) {
        const alone = await engine.train(data, settings, { seed: SHARED_SEED });
        expect(together[index]!.epochs).toBe(settings.epochs);
        expectCurve(together[index]!.history, alone.history, 1e-4);
        expect(together[index]!.weights.layers.map(({ inputs, units }) => [inputs, units])).toEqual(
          alone.weights.layers.map(({ inputs, units }) => [inputs, units]),
        );
      }
    });

    it('stop early and lower their rates by their own losses', async () => {
      const calm = { ...BASE, learningRate: 0.0003, epochs: 40 };
      const [first, second] = await train(data, [member(OVERFITTING), member(calm)]);
      const [alone] = await train(data, [member(calm)]);
      expect(first).toMatchObject({ stoppedEarly: true, bestEpoch: first!.epochs - 5 });
      expect(first!.rateDrops).toBeGreaterThan(0);
      expect(second!.epochs).toBeGreaterThan(first!.epochs);
      // the network that left did not affect the one that stayed
      expectCurve(second!.history, alone!.history, 1e-5);
    });

    it('do not affect each other if one diverges', async () => {
      const wild = { ...BASE, optimizer: 'sgd' as const, learningRate: 1e30 };
      const [calm, diverged] = await train(data, [member(BASE), member(wild)]);
      const [alone] = await train(data, [member(BASE)]);
      expect(diverged).toMatchObject({ diverged: true, paused: null });
      expect(calm).toMatchObject({ diverged: false, epochs: BASE.epochs });
      expectCurve(calm!.history, alone!.history, 1e-5);
    });

    it('resume together from a pause as if there had been none', async () => {
      const members = [
        member({ ...BASE, dropout1: 0.5, dropout2: 0.2 }),
        member({ ...BASE, node1: 5, optimizer: 'nadam', dropout1: 0.2, epochs: 4 }),
      ];
      const unbroken = await train(data, members);
      const paused = await train(data, members, { untilEpoch: 2 });
      const resumed = await train(
        data,
        members.map((one, index) => ({ ...one, resumeFrom: paused[index]!.paused! })),
      );
      expect(paused.map((one) => one.epochs)).toEqual([2, 2]);
      resumed.forEach((one, index) => {
        expect(one.weights).toEqual(unbroken[index]!.weights);
        expect(withoutSeconds(one.history)).toEqual(withoutSeconds(unbroken[index]!.history));
      });
    });

    it('resume from a pause without wider ones as if these had stayed', async () => {
      const narrow = { ...BASE, node1: 5, node2: 3, dropout1: 0.5, dropout2: 0.2 };
      const members = [member({ ...BASE, node1: 16, dropout1: 0.2 }), member(narrow)];
      const [, unbroken] = await train(data, members);
      const [, paused] = await train(data, members, { untilEpoch: 2 });
      const [resumed] = await train(data, [{ ...members[1]!, resumeFrom: paused!.paused! }]);
      expect(resumed!.history).toHaveLength(BASE.epochs);
      expectCurve(resumed!.history, unbroken!.history, 1e-5);
    });

    it('learn as well with dropout as each does alone: AUC within .02', async () => {
      const rows = syntheticData(4000, 8, 77);
      const both = [0.5, 0.2].map((share): NetworkSettings => ({
        ...REFERENCE_SETTINGS,
        dropout1: share,
        dropout2: share,
        learningRate: 0.003,
        batchSize: 128,
        epochs: 10,
      }));
      const together = await train(rows, both.map(member));
      const engine = await createTfjsEngine(backend, nowMs, nativeDir?.());
      const auc = (trial: TrainedTrial) => {
        const logits = engine.predictLogits(trial.weights, rows, rows.testRows);
        const labels = Uint8Array.from(rows.testRows, (row) => rows.labels[row]!);
        return rocAuc(rankScores(Float64Array.from(logits), labels, new Float64Array(labels.length).fill(1)));
      };
      for (const [index, settings] of both.entries()) {
        const alone = await engine.train(rows, settings, { seed: SHARED_SEED });
        expect(auc(together[index]!)).toBeGreaterThan(0.8);
        expect(Math.abs(auc(together[index]!) - auc(alone))).toBeLessThan(0.02);
      }
    });

    it('leak no tensor, however the training ends', async () => {
      const before = tf.memory().numTensors;
      await train(data, MIXED.map(member));
      await expect(train(data, MIXED.map(member), { signal: { cancelled: true } })).rejects.toMatchObject({
        code: 'trial-cancelled',
      });
      const paused = await train(data, MIXED.map(member), { untilEpoch: 1 });
      await expect(
        train(data, [{ ...member(MIXED[1]!), resumeFrom: paused[0]!.paused! }]),
      ).rejects.toMatchObject({ code: 'not-a-network-state' });
      expect(tf.memory().numTensors).toBe(before);
    });
  });
}

function member(settings: NetworkSettings): GroupMember {
  return { settings, seed: SHARED_SEED };
}

async function train(
  data: TrainingData,
  members: readonly GroupMember[],
  options: Partial<GroupTrainingOptions> = {},
): Promise<TrainedTrial[]> {
  const onDevice = new DeviceData(data);
  try {
    return await trainGroup(data, onDevice, members, { sharedSeed: SHARED_SEED, ...options }, nowMs);
  } finally {
    onDevice.dispose();
  }
}

function expectCurve(
  actual: readonly EpochRecord[],
  expected: readonly EpochRecord[],
  tolerance: number,
): void {
  expect(actual.map((record) => record.learningRate)).toEqual(expected.map((record) => record.learningRate));
  actual.forEach((record, index) => {
    expect(Math.abs(record.trainLoss - expected[index]!.trainLoss)).toBeLessThan(tolerance);
    expect(Math.abs(record.validationLoss - expected[index]!.validationLoss)).toBeLessThan(tolerance);
    expect(record.trainAccuracy).toBeCloseTo(expected[index]!.trainAccuracy, 2);
    expect(record.validationAccuracy).toBeCloseTo(expected[index]!.validationAccuracy, 2);
  });
}

function withoutSeconds(history: readonly EpochRecord[]) {
  return history.map((record) => ({ ...record, seconds: 0 }));
}
