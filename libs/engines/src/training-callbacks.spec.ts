import * as recorded from './fixtures/keras-callbacks.json';
import { TrainingCallbacks } from './training-callbacks';

interface Drive {
  epochs: number;
  stoppedEarly: boolean;
  restoredEpoch: number;
  rates: number[];
  rateAfter: number;
}

function drive(curve: number[], learningRate: number, lrAnnealing: number, paused = false): Drive {
  let callbacks = new TrainingCallbacks({ learningRate, lrAnnealing });
  const rates: number[] = [];
  let restoredEpoch = 0;
  for (const loss of curve) {
    if (paused) callbacks = new TrainingCallbacks({ learningRate, lrAnnealing }, callbacks.state());
    rates.push(callbacks.learningRate);
    const decision = callbacks.afterEpoch(loss);
    if (decision.isBest) restoredEpoch = rates.length;
    if (decision.stop) break;
  }
  return {
    epochs: rates.length,
    stoppedEarly: callbacks.stoppedEarly,
    restoredEpoch,
    rates,
    rateAfter: callbacks.learningRate,
  };
}

describe('early stopping and plateau', () => {
  it.each(recorded.cases.map((one) => [one.name, one] as const))('behaves like Keras 3: %s', (_name, one) => {
    expect(drive(one.validationLoss, one.learningRate, one.factor)).toEqual(one.expected);
  });

  it.each(recorded.cases.map((one) => [one.name, one] as const))(
    'behaves in the same way if paused between all epochs: %s',
    (_name, one) => {
      expect(drive(one.validationLoss, one.learningRate, one.factor, true)).toEqual(one.expected);
    },
  );

  it('counts every drop of the rate, and none once the floor is reached', () => {
    const callbacks = new TrainingCallbacks({ learningRate: 1e-5, lrAnnealing: 0.5 });
    const curve = Array.from({ length: 40 }, (_unused, epoch) => 0.5 - 0.001 * Math.floor(epoch / 4));
    for (const loss of curve) callbacks.afterEpoch(loss);
    expect(callbacks.learningRate).toBe(Math.fround(1e-6));
    expect(callbacks.rateDrops).toBe(4);
  });

  it('reports the number of the best epoch, starting at 1', () => {
    const callbacks = new TrainingCallbacks({ learningRate: 0.001, lrAnnealing: 0.1 });
    [0.5, 0.4, 0.39995].forEach((loss) => callbacks.afterEpoch(loss));
    expect(callbacks.bestEpoch).toBe(2);
  });
});
