import { OPTIMIZERS, type Combination } from '@factory/domain';
import { rankScores, rocAuc } from '@factory/metrics';
import { initialNetwork, epochOrder } from '../network-shape';
import { MIN_DELTA } from '../training-callbacks';
import type { EpochRecord, TrainedTrial, TrainingData, TrainingEngine } from '../training-engine';
import { codedData } from './coded-data';
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

    it.each(OPTIMIZERS)(
      'goes on from a pause as if there had been none, bit for bit, with %s and dropout',
      async (optimizer) => {
        const learningRate = optimizer === 'sgd' ? 0.1 : 0.02; // high, so that the rate drops before the end
        const combination = { ...SMALL, dropout1: 0.5, dropout2: 0.2, optimizer, learningRate, epochs: 9 };
        const whole = await engine.train(data, combination, { seed: 21 });
        const first = await engine.train(data, combination, { seed: 21, untilEpoch: 2 });
        const kept = structuredClone(first.paused!);
        const second = await engine.train(data, combination, {
          seed: 21,
          untilEpoch: 5,
          resumeFrom: first.paused!,
        });
        const last = await engine.train(data, combination, {
          seed: 21,
          resumeFrom: structuredClone(second.paused!),
        });

        expect([first.epochs, second.epochs, last.epochs]).toEqual([2, 5, whole.epochs]);
        expect(last.weights).toEqual(whole.weights);
        expect(timeless(last)).toEqual(timeless(whole));
        expect(timeless(first).history).toEqual(timeless(whole).history.slice(0, 2));
        // resuming leaves a pause as it was: it can be resumed again
        expect(first.paused).toEqual(kept);
      },
    );

    it('is not paused once the training is over', async () => {
      const combination = { ...SMALL, epochs: 3 };
      const run = (epochs: number, untilEpoch: number) =>
        engine.train(data, { ...combination, epochs }, { seed: 3, untilEpoch });
      expect((await run(3, 2)).paused).not.toBeNull();
      expect((await run(3, 3)).paused).toBeNull();
      const overfit = { ...SMALL, node1: 64, node2: 32, learningRate: 0.02, epochs: 40 };
      const stopped = await engine.train(data, overfit, { seed: 8, untilEpoch: 39 });
      expect(stopped).toMatchObject({ stoppedEarly: true, paused: null });
    });

    it('refuses to go on from the state of another network', () => {
      const state = engine.open(data, SMALL, 3).state();
      expect(() => engine.open(data, { ...SMALL, node1: 13 }, 3, state)).toThrow(
        expect.objectContaining({ code: 'not-a-network-state' }),
      );
    });

    // One unit a layer and equal rows: a dropped row is scored by the output bias, 0 at the start, and so costs ln 2
    // and moves no hidden weight; a kept one is scored as if the next kernel were 1 / (1 - share) as large. Loss and
    // moves then both tell the share of rows kept, exactly.
    it.each([
      ['first', 0, 0.5],
      ['first', 0, 0.2],
      ['second', 1, 0.5],
      ['second', 1, 0.2],
    ])(
      'drops outputs of the %s layer (%p) by their share %p and scales up what stays',
      async (_name, layer, share) => {
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
        const alive = (seed: number) =>
          initialNetwork(2, combination, seed)
            .layers.slice(1)
            .every(({ kernel }) => kernel[0]! > 0.3);
        const seed = Array.from({ length: 1000 }, (_unused, index) => index).find(alive)!;
        const before = initialNetwork(2, combination, seed);
        const equal = equalRows(2000, [...before.layers[0]!.kernel].map(Math.sign));
        const trained = await engine.train(equal, combination, { seed });

        const kept = new ReferenceNetwork(before);
        kept.layers[layer + 1]!.kernel[0]! /= 1 - share;
        const slopes = kept.gradients(equal, [0])[0]!.kernel;
        const tellsKept = [
          (trained.history[0]!.trainLoss - Math.log(2)) / (kept.loss(equal, [0]) - Math.log(2)),
          ...slopes.map(
            (slope, i) => (before.layers[0]!.kernel[i]! - trained.weights.layers[0]!.kernel[i]!) / slope,
          ),
        ];
        const fiveErrors = 5 * Math.sqrt((share * (1 - share)) / 2000);
        for (const one of tellsKept) {
          expect(Math.abs(one - tellsKept[0]!)).toBeLessThan(1e-4);
          expect(Math.abs(one - (1 - share))).toBeLessThan(fiveErrors);
        }
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

    it.each([
      ['numbers and codes', 3],
      ['codes alone', 0],
    ])('trains and predicts with columns kept as codes as with dense ones: %s', async (_kind, numbers) => {
      const { dense, coded } = codedData(400, numbers, 12);
      const combination = { ...SMALL, dropout1: 0.2, learningRate: 0.01 };
      const [ofDense, ofCoded] = [
        await engine.train(dense, combination, { seed: 6 }),
        await engine.train(coded, combination, { seed: 6 }),
      ];
      expect(ofCoded.history).toHaveLength(ofDense.history.length);
      ofCoded.history.forEach((record, at) => {
        expect(Math.abs(record.trainLoss - ofDense.history[at]!.trainLoss)).toBeLessThan(1e-4);
        expect(Math.abs(record.validationLoss - ofDense.history[at]!.validationLoss)).toBeLessThan(1e-4);
      });
      expect(ofDense.history.at(-1)!.validationLoss).toBeLessThan(ofDense.history[0]!.validationLoss - 0.02);
      const rows = Uint32Array.of(399, 0, 7, 7);
      const expected = engine.predictLogits(ofDense.weights, dense, rows);
      engine.predictLogits(ofDense.weights, coded, rows).forEach((logit, k) => {
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

/** A training without what a clock and an engine's own bytes say. */
function timeless(trained: TrainedTrial) {
  return { ...trained, paused: null, history: trained.history.map((one) => ({ ...one, seconds: 0 })) };
}

/** The same goal over and over. */
function equalRows(rows: number, row: readonly number[]): TrainingData {
  const numbers = Uint32Array.from({ length: rows }, (_unused, number) => number);
  return {
    features: Float32Array.from({ length: rows * row.length }, (_unused, i) => row[i % row.length]!),
    width: row.length,
    labels: new Uint8Array(rows).fill(1),
    trainRows: numbers,
    validationRows: numbers.subarray(0, 10),
  };
}
