import { networkParameters } from '@factory/domain';
import { REFERENCE_SETTINGS } from './conformance/conformance-cases';
import { copyNetwork, epochOrder, hasFiniteWeights, initialNetwork } from './network-shape';

const deviation = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

describe('the untrained network', () => {
  const network = initialNetwork(200, REFERENCE_SETTINGS, 17);
  const [first, second, last] = network.layers;

  it('is Dense(node1, relu), Dense(node2, relu), Dense(1, sigmoid) with biases of zero', () => {
    expect(network.layers.map(({ inputs, units, activation }) => [inputs, units, activation])).toEqual([
      [200, 64, 'relu'],
      [64, 32, 'relu'],
      [32, 1, 'sigmoid'],
    ]);
    const sizes = network.layers.map(({ kernel, bias }) => kernel.length + bias.length);
    expect(sizes.reduce((a, b) => a + b)).toBe(networkParameters(200, REFERENCE_SETTINGS));
    expect(network.layers.every(({ bias }) => bias.every((value) => value === 0))).toBe(true);
  });

  it('has He-normal hidden kernels, cut at two deviations as in Keras', () => {
    expect(deviation(first!.kernel)).toBeCloseTo(Math.sqrt(2 / 200), 2);
    expect(deviation(second!.kernel)).toBeCloseTo(Math.sqrt(2 / 64), 2);
    const limit = (2 * Math.sqrt(2 / 200)) / 0.8796256610342398;
    expect(Math.max(...first!.kernel.map(Math.abs))).toBeLessThanOrEqual(Math.fround(limit));
    expect(Math.max(...first!.kernel.map(Math.abs))).toBeGreaterThan(0.99 * limit);
  });

  it('has a Glorot-uniform output kernel', () => {
    const limit = Math.sqrt(6 / 33);
    expect(Math.max(...last!.kernel.map(Math.abs))).toBeLessThanOrEqual(limit);
    const wide = initialNetwork(10, { ...REFERENCE_SETTINGS, node2: 5000 }, 3).layers[2]!;
    expect(deviation(wide.kernel)).toBeCloseTo(Math.sqrt(6 / 5001 / 3), 3);
  });

  it('depends on the seed and on nothing else', () => {
    expect(initialNetwork(200, REFERENCE_SETTINGS, 17)).toEqual(network);
    expect(initialNetwork(200, REFERENCE_SETTINGS, 18)).not.toEqual(network);
  });

  it('can be copied, and a copy is independent', () => {
    const copy = copyNetwork(network);
    copy.layers[0]!.kernel[0] = NaN;
    expect(hasFiniteWeights(copy)).toBe(false);
    expect(hasFiniteWeights(network)).toBe(true);
  });
});

describe('the order of an epoch', () => {
  const rows = Uint32Array.from({ length: 500 }, (_unused, row) => row * 3);

  it('contains every train row once, and the given rows are not changed', () => {
    const order = epochOrder(rows, 5, 1);
    expect(order).not.toEqual(rows);
    expect(order.slice().sort()).toEqual(rows);
    expect(rows[1]).toBe(3);
  });

  it('is the same for the same seed and epoch, and different for another of either', () => {
    expect(epochOrder(rows, 5, 1)).toEqual(epochOrder(rows, 5, 1));
    expect(epochOrder(rows, 5, 2)).not.toEqual(epochOrder(rows, 5, 1));
    expect(epochOrder(rows, 6, 1)).not.toEqual(epochOrder(rows, 5, 1));
  });
});
