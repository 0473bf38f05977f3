import { OPTIMIZERS, type Combination } from '@factory/domain';
import { rankScores, rocAuc } from '@factory/metrics';
import { initialNetwork, epochOrder } from '../network-shape';
import { MIN_DELTA } from '../training-callbacks';
import type { EpochRecord, TrainingEngine } from '../training-engine';
import { ReferenceNetwork } from './reference-network';
import { syntheticData } from './synthetic-data';

/** The combination that RULES R5 calls the reference. */
export const REFERENCE_COMBINATION: Combination = {
  node1: 64,
  node2: 32,
  dropout1: 0.5,
  dropout2: 0.5,
  optimizer: 'adam',
  learningRate: 0.001,
  lrAnnealing: 0.1,
  batchSize: 32,
  epochs: 50,
};

const SMALL: Combination = {
  ...REFERENCE_COMBINATION,
  node1: 12,
  node2: 7,
  dropout1: 0,
  dropout2: 0,
  batchSize: 32,
  epochs: 6,
};

jest.setTimeout(120_000);

/** A start in which no unit is dead. */
const DROPOUT_SEED = 1;

/**
 * What every training engine must do, whatever it computes with. Call it from the engine's own spec.
 *
 * @param create an engine; called once
 */
export function describeEngine(name: string, create: () => Promise<TrainingEngine>): void {
  describe(`training engine ${name}`, () => {
    let engine: TrainingEngine;
    beforeAll(async () => {
      engine = await create();
    });

    // 203 rows: the last batch of an epoch is not full
    const data = {
      ...syntheticData(340, 6, 5),
      trainRows: syntheticData(340, 6, 5).trainRows.subarray(0, 203),
    };

    it.each(OPTIMIZERS)(
      'has the loss curve of the float64 reference with %s, dropout off',
      async (optimizer) => {
        const combination = { ...SMALL, optimizer, learningRate: optimizer === 'sgd' ? 0.1 : 0.003 };
        const trained = await engine.train(data, combination, { seed: 9 });

        const reference = new ReferenceNetwork(initialNetwork(data.width, combination, 9));
        for (const record of trained.history) {
          const order = epochOrder(data.trainRows, 9, record.epoch);
          let sum = 0;
          for (let from = 0; from < order.length; from += combination.batchSize) {
            const batch = order.subarray(from, from + combination.batchSize);
            sum += reference.loss(data, batch) * batch.length;
            reference.step(reference.gradients(data, batch), optimizer, record.learningRate);
          }
          expect(Math.abs(record.trainLoss - sum / order.length)).toBeLessThan(1e-4);
          expect(Math.abs(record.validationLoss - reference.loss(data, data.validationRows))).toBeLessThan(
            1e-4,
          );
        }
        expect(trained.history).toHaveLength(combination.epochs);
      },
    );

    it('follows the slope that finite differences of the loss give, for every weight', async () => {
      const combination = {
        ...SMALL,
        optimizer: 'sgd' as const,
        learningRate: 1,
        batchSize: 1000,
        epochs: 1,
      };
      const before = initialNetwork(data.width, combination, 4);
      const after = (await engine.train(data, combination, { seed: 4 })).weights;
      const reference = new ReferenceNetwork(before);
      const step = 1e-7; // small, so that no unit crosses relu's corner
      reference.layers.forEach((layer, index) => {
        for (const part of ['kernel', 'bias'] as const) {
          layer[part].forEach((value, i) => {
            layer[part][i] = value + step;
            const above = reference.loss(data, data.trainRows);
            layer[part][i] = value - step;
            const below = reference.loss(data, data.trainRows);
            layer[part][i] = value;
            const moved = before.layers[index]![part][i]! - after.layers[index]![part][i]!;
            expect(Math.abs(moved - (above - below) / (2 * step))).toBeLessThan(1e-5);
          });
        }
      });
    });

    it('gives the same weights bit for bit for the same seed, and others for another', async () => {
      const combination = { ...SMALL, dropout1: 0.5, dropout2: 0.2, epochs: 3 };
      const [first, again, other] = [
        await engine.train(data, combination, { seed: 21 }),
        await engine.train(data, combination, { seed: 21 }),
        await engine.train(data, combination, { seed: 22 }),
      ];
      expect(again.weights).toEqual(first.weights);
      expect(other.weights).not.toEqual(first.weights);
    });

    // With one unit in each layer a dropped row is scored by the output bias alone (0 at the start), and a kept one
    // by the network whose next kernel is 1 / (1 - share) as large: loss and slopes have known means and deviations.
    it.each([
      ['first', 0, 0.5],
      ['second', 1, 0.5],
      ['second', 1, 0.2],
    ])(
      'drops outputs of the %s layer and scales up what stays (layer %p, share %p)',
      async (_name, layer, share) => {
        const rows = syntheticData(2000, 2, 6);
        const combination: Combination = {
          ...SMALL,
          node1: 1,
          node2: 1,
          ...(layer === 0 ? { dropout1: share } : { dropout2: share }),
          optimizer: 'sgd',
          learningRate: 1,
          batchSize: 5000,
          epochs: 1,
        };
        const before = initialNetwork(2, combination, DROPOUT_SEED);
        const trained = await engine.train(rows, combination, { seed: DROPOUT_SEED });

        const kept = new ReferenceNetwork(before);
        kept.layers[layer + 1]!.kernel[0]! /= 1 - share;
        const count = rows.trainRows.length;
        const each = [...rows.trainRows].map((row) => ({
          loss: kept.loss(rows, [row]) - Math.log(2),
          slopes: kept.gradients(rows, [row])[0]!.kernel,
        }));
        const expectAverage = (actual: number, values: number[]) => {
          const mean = values.reduce((sum, value) => sum + value, 0) / count;
          const squares = values.reduce((sum, value) => sum + value * value, 0);
          const deviation = Math.sqrt(share * (1 - share) * squares) / count;
          expect(Math.abs(actual - (1 - share) * mean)).toBeLessThan(5 * deviation);
          return Math.abs(mean) / deviation;
        };
        const lossPower = expectAverage(
          trained.history[0]!.trainLoss - Math.log(2),
          each.map((one) => one.loss),
        );
        const slopePowers = [0, 1].map((input) =>
          expectAverage(
            before.layers[0]!.kernel[input]! - trained.weights.layers[0]!.kernel[input]!,
            each.map((one) => one.slopes[input]!),
          ),
        );
        // the check would notice a wrong scale: the means stand well clear of chance
        expect(Math.max(lossPower, ...slopePowers)).toBeGreaterThan(12);
      },
    );

    it('describes the network it trained', async () => {
      const { weights } = await engine.train(data, { ...SMALL, dropout1: 0.5, dropout2: 0.2 }, { seed: 3 });
      expect(
        weights.layers.map((layer) => [layer.inputs, layer.units, layer.activation, layer.dropout]),
      ).toEqual([
        [6, 12, 'relu', 0.5],
        [12, 7, 'relu', 0.2],
        [7, 1, 'sigmoid', undefined],
      ]);
    });

    it('returns the weights of the best epoch, not of the last', async () => {
      const overfit = { ...SMALL, node1: 64, node2: 32, learningRate: 0.02, epochs: 40 };
      const trained = await engine.train(data, overfit, { seed: 8 });
      expect(trained.stoppedEarly).toBe(true);
      expect(trained.bestEpoch).toBe(trained.epochs - 5);
      expect(trained.rateDrops).toBeGreaterThan(0);
      const restored = new ReferenceNetwork(trained.weights).loss(data, data.validationRows);
      expect(Math.abs(restored - trained.history[trained.bestEpoch - 1]!.validationLoss)).toBeLessThan(1e-5);
      const least = Math.min(...trained.history.map((record) => record.validationLoss));
      expect(restored).toBeLessThan(least + MIN_DELTA + 1e-5);
    });

    it('predicts the logits of the rows asked for, in their order', async () => {
      const { weights } = await engine.train(data, { ...SMALL, epochs: 1 }, { seed: 2 });
      const rows = Uint32Array.of(7, 3, 300, 3);
      const reference = new ReferenceNetwork(weights);
      const expected = [...rows].map(
        (row) => reference.forward(data.features.subarray(row * 6, row * 6 + 6)).at(-1)![0]!,
      );
      engine.predictLogits(weights, data, rows).forEach((logit, k) => {
        expect(Math.abs(logit - expected[k]!)).toBeLessThan(1e-5);
      });
    });

    it('reports each epoch as it ends', async () => {
      const seen: EpochRecord[] = [];
      const trained = await engine.train(data, SMALL, { seed: 1, onEpoch: (record) => seen.push(record) });
      expect(seen).toEqual(trained.history);
      expect(seen.map((record) => record.epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('stops between batches when cancelled', async () => {
      const signal = { cancelled: false };
      let epochs = 0;
      const training = engine.train(
        data,
        { ...SMALL, epochs: 1000 },
        {
          seed: 1,
          signal,
          onEpoch: () => (signal.cancelled = ++epochs === 2),
        },
      );
      await expect(training).rejects.toMatchObject({ code: 'trial-cancelled' });
      expect(epochs).toBe(2);
    });

    it.each([NaN, Infinity])('calls the trial diverged when a feature is %p', async (bad) => {
      const features = Float32Array.from(data.features);
      features[data.trainRows[100]! * data.width + 2] = bad;
      const trained = await engine.train({ ...data, features }, SMALL, { seed: 1 });
      expect(trained.diverged).toBe(true);
      expect(trained.epochs).toBeLessThan(SMALL.epochs);
    });

    it('calls the trial diverged when the learning rate blows the weights up', async () => {
      const wild = { ...SMALL, optimizer: 'sgd' as const, learningRate: 1e30, epochs: 20 };
      expect((await engine.train(data, wild, { seed: 1 })).diverged).toBe(true);
    });

    it('learns the reference combination of RULES R5 to AUC .8 (.86 is reachable)', async () => {
      const rows = syntheticData(4000, 8, 77);
      const trained = await engine.train(rows, REFERENCE_COMBINATION, { seed: 5 });
      const logits = engine.predictLogits(trained.weights, rows, rows.testRows);
      const labels = Uint8Array.from(rows.testRows, (row) => rows.labels[row]!);
      const weights = new Float64Array(labels.length).fill(1);
      expect(rocAuc(rankScores(Float64Array.from(logits), labels, weights))).toBeGreaterThan(0.8);
      const losses = trained.history.map((record) => record.trainLoss);
      expect(losses[1]!).toBeLessThan(losses[0]!);
      expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!);
    });
  });
}
