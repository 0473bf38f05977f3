import { OPTIMIZERS } from '@factory/domain';
import * as recorded from './fixtures/keras-optimizers.json';
import { createOptimizer } from './optimizers';

describe('optimizers', () => {
  it.each(OPTIMIZERS)('%s moves parameters as Keras 3 does, also after a drop of the rate', (kind) => {
    const optimizer = createOptimizer(kind, [recorded.start.length]);
    const parameters = Float32Array.from(recorded.start);
    recorded.gradients.forEach((gradient, step) => {
      optimizer.apply([parameters], [Float32Array.from(gradient)], recorded.learningRates[step]!);
      recorded.parameters[kind][step]!.forEach((expected, i) => {
        expect(Math.abs(parameters[i]! - expected)).toBeLessThan(2e-6);
      });
    });
  });

  it.each(OPTIMIZERS)('%s continues from the state of another of its kind', (kind) => {
    const [first, second] = [createOptimizer(kind, [1]), createOptimizer(kind, [1])];
    const [a, b] = [Float32Array.of(1), Float32Array.of(1)];
    for (const slope of [0.5, -0.2]) first.apply([a], [Float32Array.of(slope)], 0.01);
    first.state.forEach((values, i) => second.state[i]!.set(values));
    b.set(a);
    for (const slope of [0.1, 0.3]) {
      first.apply([a], [Float32Array.of(slope)], 0.01);
      second.apply([b], [Float32Array.of(slope)], 0.01);
    }
    expect(b).toEqual(a);
  });

  it('keeps separate state for each parameter array', () => {
    const together = createOptimizer('adam', [1, 1]);
    const alone = createOptimizer('adam', [1]);
    const [a, b, c] = [Float32Array.of(1), Float32Array.of(1), Float32Array.of(1)];
    for (const slope of [0.5, -0.2, 0.1]) {
      together.apply([a, b], [Float32Array.of(slope), Float32Array.of(9)], 0.01);
      alone.apply([c], [Float32Array.of(slope)], 0.01);
    }
    expect(a).toEqual(c);
    expect(b).not.toEqual(a);
  });
});
