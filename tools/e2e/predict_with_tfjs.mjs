import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import tf from '@tensorflow/tfjs';

/**
 * Predictions of stock TensorFlow.js for a published model: loads model.json with `tf.loadLayersModel`, predicts the
 * vectors of golden.json, and prints `{logit, probability}[]`. Shares no code with the factory.
 *
 *   node predict_with_tfjs.mjs FOLDER      a folder with model.json, weights.bin and golden.json
 */
const [folder = '.'] = process.argv.slice(2);
/** @param {string} file */
const read = (file) => readFileSync(join(folder, file));
/** @param {string} file */
const json = (file) => JSON.parse(read(file).toString('utf8'));

/** Reads like TensorFlow.js for Node reads `file://`: topology from model.json, weights from the files that it names. */
const fromDisk = {
  async load() {
    /** @type {Pick<tf.io.ModelJSON, 'modelTopology' | 'weightsManifest' | 'format'>} */
    const { modelTopology, weightsManifest, format } = json('model.json');
    const files = weightsManifest.flatMap(({ paths }) => paths).map(read);
    const bytes = Buffer.concat(files);
    return {
      modelTopology,
      format,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    };
  },
};

const model = await tf.loadLayersModel(fromDisk);
/** @type {{rows: readonly {vector: number[]}[]}} */
const { rows } = json('golden.json');
const vectors = tf.tensor2d(rows.map(({ vector }) => vector));
const probabilities = await theTensor(model.predict(vectors)).data();
// The last layer's own kernel and bias, without its sigmoid, so that no digits are lost near 0 and 1.
const last = model.layers.at(-1);
if (!last) throw new Error('the model has no layers');
const hidden = theTensor(tf.model({ inputs: model.inputs, outputs: last.input }).predict(vectors));
const [kernel, bias] = last.getWeights();
if (!kernel || !bias) throw new Error('the last layer has no kernel and bias');
const logits = await hidden.matMul(kernel).add(bias).data();
console.log(JSON.stringify(rows.map((_, at) => ({ logit: logits[at], probability: probabilities[at] }))));

/**
 * The output of a model with a single output.
 *
 * @param {tf.Tensor | tf.Tensor[]} output
 */
function theTensor(output) {
  if (Array.isArray(output)) throw new Error('the model has several outputs');
  return output;
}
