import { rankScores, rocAuc } from '@factory/metrics';
import { MIN_DELTA } from '../training-callbacks';
import type { EpochRecord, TrainingEngine } from '../training-engine';
import { OVERFITTING, REFERENCE_SETTINGS, SMALL, smallData } from './conformance-cases';
import { ReferenceNetwork } from './reference-network';
import { syntheticData } from './synthetic-data';

/** Tests of the course of a training: best epoch, reports, cancelling, divergence, and that it learns. */
export function describeCourse(engine: () => TrainingEngine): void {
  const data = smallData();

  it('returns the weights of the best epoch, not of the last', async () => {
    const trained = await engine().train(data, OVERFITTING, { seed: 8 });
    expect(trained.stoppedEarly).toBe(true);
    expect(trained.bestEpoch).toBe(trained.epochs - 5);
    expect(trained.rateDrops).toBeGreaterThan(0);
    const restored = new ReferenceNetwork(trained.weights).loss(data, data.validationRows);
    expect(Math.abs(restored - trained.history[trained.bestEpoch - 1]!.validationLoss)).toBeLessThan(1e-5);
    const least = Math.min(...trained.history.map((record) => record.validationLoss));
    expect(restored).toBeLessThan(least + MIN_DELTA + 1e-5);
  });

  it('reports each epoch as it ends', async () => {
    const seen: EpochRecord[] = [];
    const trained = await engine().train(data, SMALL, { seed: 1, onEpoch: (record) => seen.push(record) });
    expect(seen).toEqual(trained.history);
    expect(seen.map((record) => record.epoch)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('stops between batches when cancelled', async () => {
    const signal = { cancelled: false };
    let epochs = 0;
    const training = engine().train(
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

  it.each([NaN, Infinity])('reports divergence if a feature is %p', async (bad) => {
    const features = Float32Array.from(data.features);
    features[data.trainRows[100]! * data.width + 2] = bad;
    const trained = await engine().train({ ...data, features }, SMALL, { seed: 1 });
    expect(trained.diverged).toBe(true);
    expect(trained.epochs).toBeLessThan(SMALL.epochs);
  });

  it('reports divergence if the learning rate makes the weights explode', async () => {
    const wild = { ...SMALL, optimizer: 'sgd' as const, learningRate: 1e30, epochs: 20 };
    expect((await engine().train(data, wild, { seed: 1 })).diverged).toBe(true);
  });

  it('learns the reference settings of rules R5 to AUC .8 (.86 is reachable)', async () => {
    const rows = syntheticData(4000, 8, 77);
    const trained = await engine().train(rows, REFERENCE_SETTINGS, { seed: 5 });
    const logits = engine().predictLogits(trained.weights, rows, rows.testRows);
    const labels = Uint8Array.from(rows.testRows, (row) => rows.labels[row]!);
    const weights = new Float64Array(labels.length).fill(1);
    expect(rocAuc(rankScores(Float64Array.from(logits), labels, weights))).toBeGreaterThan(0.8);
    const losses = trained.history.map((record) => record.trainLoss);
    expect(losses[1]!).toBeLessThan(losses[0]!);
    expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!);
  });
}
