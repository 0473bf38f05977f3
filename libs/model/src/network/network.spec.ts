import { sigmoid } from '@factory/domain';
import fc from 'fast-check';
import { countParameters, forwardLogits, logitOf, onLine } from './forward-pass';
import { fromLayersModel, toLayersModel } from './layers-model';
import type { DenseLayerWeights, NetworkWeights } from './network-weights';
import { randomNetwork, uniforms } from '../spec-model';
import { decodeWeights, encodeWeights } from './weights-codec';

/** The same network, computed unit by unit. */
function naiveLogit({ layers }: NetworkWeights, vector: readonly number[]): number {
  const out = layers.reduce<readonly number[]>((values, layer, index) => {
    const sums = Array.from(layer.bias, (bias, unit) =>
      values.reduce((sum, value, input) => sum + value * layer.kernel[input * layer.units + unit]!, bias),
    );
    return index === layers.length - 1 ? sums : sums.map((sum) => Math.max(0, sum));
  }, vector);
  return out[0]!;
}

describe('forward pass', () => {
  it('is the sum over units, row by row', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (seed, width, rows) => {
          const network = randomNetwork(width, seed);
          const next = uniforms(seed + 1);
          const matrix = new Float32Array(rows * width).map(() => Math.max(0, 3 * next()));
          const logits = forwardLogits(network, matrix, rows, width);
          for (let row = 0; row < rows; row++) {
            const vector = matrix.slice(row * width, (row + 1) * width);
            expect(logits[row]).toBeCloseTo(naiveLogit(network, [...vector]), 10);
            expect(logitOf(network, vector)).toBe(logits[row]);
          }
        },
      ),
    );
  });

  it('moves every logit by the prior shift, and does not change the given network', () => {
    const network = randomNetwork(5);
    const vector = Float32Array.of(1, 0, -2, 0.5, 3);
    const shifted = onLine(network, { slope: 1, bias: -2.5157 });
    expect(logitOf(shifted, vector)).toBeCloseTo(logitOf(network, vector) - 2.5157, 6);
    const steeper = onLine(network, { slope: 1.5, bias: 0.25 });
    expect(logitOf(steeper, vector)).toBeCloseTo(1.5 * logitOf(network, vector) + 0.25, 6);
    expect(network).toEqual(randomNetwork(5));
  });

  it('keeps NaN a NaN, also through relu', () => {
    expect(logitOf(randomNetwork(2), Float32Array.of(NaN, 1))).toBeNaN();
  });

  it('refuses vectors of another width', () => {
    expect(() => logitOf(randomNetwork(5), new Float32Array(4))).toThrow(/layers\[0\].inputs = 5/);
  });

  it.each([
    // Figures of keras.activations 3.15, float64.
    ['relu', 0, 0.75],
    ['tanh', -0.9051482536448664, 0.6351489523872873],
    ['elu', -0.7768698398515702, 0.75],
    ['selu', -1.3658143533672529, 0.7880257405166103],
  ] as const)('knows %s', (activation, atMinus, atPlus) => {
    const activated = (sum: number): number => {
      const unit = (rest: Pick<DenseLayerWeights, 'kernel' | 'activation'>): DenseLayerWeights => ({
        ...{ bias: new Float32Array(1), inputs: 1, units: 1, ...rest },
      });
      const one = Float32Array.of(1);
      const layers = [unit({ kernel: one, activation }), unit({ kernel: one, activation: 'sigmoid' })];
      return logitOf({ layers }, Float32Array.of(sum));
    };
    expect(activated(-1.5)).toBeCloseTo(atMinus, 12);
    expect(activated(0.75)).toBeCloseTo(atPlus, 12);
    expect(activated(NaN)).toBeNaN();
  });

  it('counts parameters', () => {
    expect(countParameters(randomNetwork(10, 1, [64, 32]))).toBe(11 * 64 + 65 * 32 + 33);
  });
});

describe('files of weights', () => {
  const network = randomNetwork(6);

  it('return the same network, bit for bit', () => {
    expect(decodeWeights(encodeWeights(network))).toEqual(network);
    const { modelJson, weights } = toLayersModel(network, 'shop');
    expect(fromLayersModel(JSON.parse(JSON.stringify(modelJson)), weights)).toEqual(network);
  });

  it('decode from any position in memory', () => {
    const bytes = encodeWeights(network);
    const shifted = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
    expect(decodeWeights(shifted)).toEqual(network);
  });

  it('are little-endian float32 after a JSON header', () => {
    const bytes = encodeWeights(network);
    const header = bytes.readUInt32LE(4);
    expect(bytes.toString('latin1', 0, 4)).toBe('PFNW');
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + header))).toMatchObject({ schemaVersion: 1 });
    expect(bytes.readFloatLE(8 + header)).toBe(network.layers[0]!.kernel[0]);
    expect(bytes.readFloatLE(bytes.length - 4)).toBe(network.layers[2]!.bias[0]);
  });

  it('are refused if truncated, of another kind, or of another schema version', () => {
    const bytes = encodeWeights(network);
    expect(() => decodeWeights(bytes.subarray(0, -4))).toThrow(/weights length/);
    expect(() => decodeWeights(bytes.subarray(0, 20))).toThrow(/fetch the whole file/);
    expect(() => decodeWeights(Buffer.from('something'))).toThrow(/starts with PFNW/);
    const other = Buffer.from(
      bytes.toString('latin1').replace('"schemaVersion":1', '"schemaVersion":9'),
      'latin1',
    );
    expect(() => decodeWeights(other)).toThrow(
      /weights.schemaVersion = 9: read it with the release that wrote it/,
    );

    const { modelJson, weights } = toLayersModel(network, 'shop');
    expect(() => fromLayersModel({ ...modelJson, schemaVersion: undefined }, weights)).toThrow(
      /model.json.schemaVersion/,
    );
    expect(() => fromLayersModel(modelJson, weights.subarray(4))).toThrow(/weights.bin length/);
    expect(() => fromLayersModel({ ...modelJson, format: 'graph-model' }, weights)).toThrow(
      /model.json.format/,
    );
  });
});

describe('probabilities', () => {
  it('average the base rate again after the shift of rules R6', () => {
    // 1M visits, 10,000 sales: f1 = 1, f0 = 80,000 / 990,000; unshifted scores average 1 in 9.
    const shift = Math.log(80_000 / 990_000);
    expect(shift).toBeCloseTo(-2.5157, 4);
    expect(sigmoid(Math.log(1 / 8) + shift)).toBeCloseTo(0.01, 12);
  });
});
