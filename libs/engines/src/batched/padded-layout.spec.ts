import { REFERENCE_SETTINGS } from '../conformance/conformance-cases';
import { initialNetwork } from '../network-shape';
import { PaddedLayout, arraysOf, withArrays } from './padded-layout';

const [narrow, wide] = [
  [2, 3],
  [4, 1],
].map(([node1 = 0, node2 = 0]) => initialNetwork(3, { ...REFERENCE_SETTINGS, node1, node2 }, 1));

describe('padded layout', () => {
  const layout = new PaddedLayout([narrow!, wide!]);

  it('makes every layer as wide as in the widest network', () => {
    expect(layout.layers).toEqual([
      { inputs: 3, units: 4 },
      { inputs: 4, units: 3 },
      { inputs: 3, units: 1 },
    ]);
    expect(layout.sizes).toEqual([12, 4, 12, 3, 3, 1]);
    expect(layout.parameters).toBe(35);
  });

  it('puts weights in the upper left corner of each kernel and zeros around them', () => {
    const row = layout.pack(arraysOf(narrow!), narrow!);
    const kernel = narrow!.layers[0]!.kernel;
    expect([...row.subarray(0, 8)]).toEqual([kernel[0], kernel[1], 0, 0, kernel[2], kernel[3], 0, 0]);
    expect(row.filter((value) => value !== 0)).toHaveLength(3 * 2 + 2 * 3 + 3); // biases start at 0
  });

  it.each([
    ['narrow', narrow!],
    ['wide', wide!],
  ])('returns the %s network unchanged', (_name, network) => {
    const arrays = arraysOf(network).map((values) => values.map((value, i) => value + i + 1));
    const unpacked = layout.unpack(layout.pack(arrays, network), network);
    expect(unpacked).toEqual(arrays);
    expect(arraysOf(withArrays(network, unpacked))).toEqual(arrays);
  });
});
