import { OPTIMIZERS } from '@factory/domain';
import type { TrainedTrial, TrainingEngine } from '../training-engine';
import { OVERFITTING, SMALL, smallData } from './conformance-cases';

/** Tests of what an engine must reproduce bit for bit: the same seed, and a training that was paused. */
export function describePauses(engine: () => TrainingEngine): void {
  const data = smallData();

  it('gives the same weights bit for bit for the same seed, and others for another', async () => {
    const settings = { ...SMALL, dropout1: 0.5, dropout2: 0.2, epochs: 3 };
    const [first, again, other] = [
      await engine().train(data, settings, { seed: 21 }),
      await engine().train(data, settings, { seed: 21 }),
      await engine().train(data, settings, { seed: 22 }),
    ];
    expect(again.weights).toEqual(first.weights);
    expect(other.weights).not.toEqual(first.weights);
  });

  it.each(OPTIMIZERS)(
    'resumes from a pause as if there had been none, bit for bit, with %s and dropout',
    async (optimizer) => {
      const learningRate = optimizer === 'sgd' ? 0.1 : 0.02; // high, so that the rate drops before the end
      const settings = { ...SMALL, dropout1: 0.5, dropout2: 0.2, optimizer, learningRate, epochs: 9 };
      const whole = await engine().train(data, settings, { seed: 21 });
      const first = await engine().train(data, settings, { seed: 21, untilEpoch: 2 });
      const kept = structuredClone(first.paused!);
      const second = await engine().train(data, settings, {
        seed: 21,
        untilEpoch: 5,
        resumeFrom: first.paused!,
      });
      const last = await engine().train(data, settings, {
        seed: 21,
        resumeFrom: structuredClone(second.paused!),
      });

      expect([first.epochs, second.epochs, last.epochs]).toEqual([2, 5, whole.epochs]);
      expect(last.weights).toEqual(whole.weights);
      expect(timeless(last)).toEqual(timeless(whole));
      expect(timeless(first).history).toEqual(timeless(whole).history.slice(0, 2));
      // resuming does not change a pause: it can be resumed again
      expect(first.paused).toEqual(kept);
    },
  );

  it('is not paused once the training is over', async () => {
    const settings = { ...SMALL, epochs: 3 };
    const run = (epochs: number, untilEpoch: number) =>
      engine().train(data, { ...settings, epochs }, { seed: 3, untilEpoch });
    expect((await run(3, 2)).paused).not.toBeNull();
    expect((await run(3, 3)).paused).toBeNull();
    const stopped = await engine().train(data, OVERFITTING, { seed: 8, untilEpoch: 39 });
    expect(stopped).toMatchObject({ stoppedEarly: true, paused: null });
  });

  it('refuses to resume from the state of another network', () => {
    const state = engine().open(data, SMALL, 3).state();
    expect(() => engine().open(data, { ...SMALL, node1: 13 }, 3, state)).toThrow(
      expect.objectContaining({ code: 'not-a-network-state' }),
    );
  });
}

/** A training without its times and the engine's own bytes. */
function timeless(trained: TrainedTrial) {
  return { ...trained, paused: null, history: trained.history.map((one) => ({ ...one, seconds: 0 })) };
}
