import { OPTIMIZERS, type NetworkSettings } from '@factory/domain';
import { epochOrder, initialNetwork } from '../network-shape';
import type { TrainingData, TrainingEngine } from '../training-engine';
import { codedData } from './coded-data';
import { SMALL, smallData } from './conformance-cases';
import { ReferenceNetwork } from './reference-network';

/** Tests of an engine's arithmetic: losses, slopes, dropout and logits, against float64 and closed forms. */
export function describeArithmetic(engine: () => TrainingEngine): void {
  const data = smallData();

  it.each(OPTIMIZERS)(
    'has the loss curve of the float64 reference with %s, dropout off',
    async (optimizer) => {
      const settings = { ...SMALL, optimizer, learningRate: optimizer === 'sgd' ? 0.1 : 0.003 };
      const trained = await engine().train(data, settings, { seed: 9 });

      const reference = new ReferenceNetwork(initialNetwork(data.width, settings, 9));
      for (const record of trained.history) {
        const order = epochOrder(data.trainRows, 9, record.epoch);
        let sum = 0;
        for (let from = 0; from < order.length; from += settings.batchSize) {
          const batch = order.subarray(from, from + settings.batchSize);
          sum += reference.loss(data, batch) * batch.length;
          reference.step(reference.gradients(data, batch), optimizer, record.learningRate);
        }
        expect(Math.abs(record.trainLoss - sum / order.length)).toBeLessThan(1e-4);
        expect(Math.abs(record.validationLoss - reference.loss(data, data.validationRows))).toBeLessThan(
          1e-4,
        );
      }
      expect(trained.history).toHaveLength(settings.epochs);
    },
  );

  it('follows the slope that finite differences of the loss give, for every weight', async () => {
    const settings = {
      ...SMALL,
      optimizer: 'sgd' as const,
      learningRate: 1,
      batchSize: 1000,
      epochs: 1,
    };
    const before = initialNetwork(data.width, settings, 4);
    const after = (await engine().train(data, settings, { seed: 4 })).weights;
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

  // One unit per layer and equal rows: a dropped row is scored by the output bias, 0 at the start, so it costs
  // ln 2 and moves no hidden weight; a kept one is scored as if the next kernel were 1 / (1 - share) as large.
  // Loss and moves then both determine the fraction of kept rows exactly.
  it.each([
    ['first', 0, 0.5],
    ['first', 0, 0.2],
    ['second', 1, 0.5],
    ['second', 1, 0.2],
  ])(
    'drops outputs of the %s layer (%p) by their share %p and scales up what stays',
    async (_name, layer, share) => {
      const settings: NetworkSettings = {
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
        initialNetwork(2, settings, seed)
          .layers.slice(1)
          .every(({ kernel }) => kernel[0]! > 0.3);
      const seed = Array.from({ length: 1000 }, (_unused, index) => index).find(alive)!;
      const before = initialNetwork(2, settings, seed);
      const equal = equalRows(2000, [...before.layers[0]!.kernel].map(Math.sign));
      const trained = await engine().train(equal, settings, { seed });

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
    const { weights } = await engine().train(data, { ...SMALL, dropout1: 0.5, dropout2: 0.2 }, { seed: 3 });
    expect(
      weights.layers.map((layer) => [layer.inputs, layer.units, layer.activation, layer.dropout]),
    ).toEqual([
      [6, 12, 'relu', 0.5],
      [12, 7, 'relu', 0.2],
      [7, 1, 'sigmoid', undefined],
    ]);
  });

  it('predicts the logits of the requested rows, in their order', async () => {
    const { weights } = await engine().train(data, { ...SMALL, epochs: 1 }, { seed: 2 });
    const rows = Uint32Array.of(7, 3, 300, 3);
    const reference = new ReferenceNetwork(weights);
    const expected = [...rows].map(
      (row) => reference.forward(data.features.subarray(row * 6, row * 6 + 6)).at(-1)![0]!,
    );
    engine()
      .predictLogits(weights, data, rows)
      .forEach((logit, k) => {
        expect(Math.abs(logit - expected[k]!)).toBeLessThan(1e-5);
      });
  });

  it.each([
    ['numbers and codes', 3],
    ['codes alone', 0],
  ])('trains and predicts with columns stored as codes as with dense ones: %s', async (_kind, numbers) => {
    const { dense, coded } = codedData(400, numbers, 12);
    const settings = { ...SMALL, dropout1: 0.2, learningRate: 0.01 };
    const [ofDense, ofCoded] = [
      await engine().train(dense, settings, { seed: 6 }),
      await engine().train(coded, settings, { seed: 6 }),
    ];
    expect(ofCoded.history).toHaveLength(ofDense.history.length);
    ofCoded.history.forEach((record, at) => {
      expect(Math.abs(record.trainLoss - ofDense.history[at]!.trainLoss)).toBeLessThan(1e-4);
      expect(Math.abs(record.validationLoss - ofDense.history[at]!.validationLoss)).toBeLessThan(1e-4);
    });
    expect(ofDense.history.at(-1)!.validationLoss).toBeLessThan(ofDense.history[0]!.validationLoss - 0.02);
    const rows = Uint32Array.of(399, 0, 7, 7);
    const expected = engine().predictLogits(ofDense.weights, dense, rows);
    engine()
      .predictLogits(ofDense.weights, coded, rows)
      .forEach((logit, k) => {
        expect(Math.abs(logit - expected[k]!)).toBeLessThan(1e-5);
      });
  });
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
