import * as tf from '@tensorflow/tfjs';
import { sigmoid } from '@factory/domain';
import { transformRow } from '@factory/normalisation';
import { type BundleFile, encodeBundle } from '../bundle';
import { LOGIT_TOLERANCE, PROBABILITY_TOLERANCE, checkGoldenRows } from '../golden-rows';
import { modelParts } from '../spec-model';

const parts = modelParts();
const files = encodeBundle(parts);

/** Answers like a web server with the bundle. */
function fetchFile(input: string | URL | Request): Promise<Response> {
  const body = files.get(String(input).split('/').at(-1) as BundleFile)!;
  return Promise.resolve({
    ok: true,
    json: () => Promise.resolve(JSON.parse(body.toString()) as unknown),
    arrayBuffer: () => Promise.resolve(new Uint8Array(body).buffer),
  } as Response);
}

/** Loads the bundle as any browser or Node program would: by URL, with standard TensorFlow.js. */
describe('stock tf.loadLayersModel', () => {
  let model: tf.LayersModel;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    model = await tf.loadLayersModel('http://models.test/v1/model.json', { fetchFunc: fetchFile });
  });

  afterAll(() => model.dispose());

  function predict(vector: Float32Array): number {
    return tf.tidy(
      () => (model.predict(tf.tensor2d(vector, [1, vector.length])) as tf.Tensor).dataSync()[0]!,
    );
  }

  it('loads Dense, Dropout, Dense, Dropout, Dense', () => {
    expect(model.layers.map((layer) => layer.getClassName())).toEqual([
      'Dense',
      'Dropout',
      'Dense',
      'Dropout',
      'Dense',
    ]);
    expect(model.layers[1]!.getConfig().rate).toBe(0.2);
  });

  it('reproduces the golden rows from their raw values (rules R9)', () => {
    const failures = checkGoldenRows(parts.golden, (row) => {
      const probability = predict(transformRow(parts.transform, row));
      return { probability, logit: Math.log(probability / (1 - probability)) };
    });
    expect(failures).toEqual([]);
  });

  it('agrees with the forward pass', () => {
    for (const { vector } of parts.golden.rows) {
      const probability = predict(Float32Array.from(vector));
      const logit = parts.model.logit(Float32Array.from(vector));
      expect(Math.abs(probability - sigmoid(logit))).toBeLessThanOrEqual(PROBABILITY_TOLERANCE);
      expect(Math.abs(Math.log(probability / (1 - probability)) - logit)).toBeLessThanOrEqual(
        LOGIT_TOLERANCE,
      );
    }
  });
});
