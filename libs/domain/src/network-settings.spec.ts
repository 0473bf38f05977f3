import { networkParameters } from './network-settings';

describe('the parameters of a network', () => {
  it.each([
    // By hand: 10 * 64 + 64, 64 * 32 + 32, 32 + 1; and so on.
    [10, 64, 32, 704 + 2080 + 33],
    [1, 1, 1, 2 + 2 + 2],
    [400, 128, 64, 51_328 + 8_256 + 65],
  ])('are weights and biases of three layers: %i features, %i, %i', (features, node1, node2, count) => {
    expect(networkParameters(features, { node1, node2 })).toBe(count);
  });
});
