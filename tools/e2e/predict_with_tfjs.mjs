import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import tf from '@tensorflow/tfjs';

/**
 * What stock TensorFlow.js makes of a published model: loads model.json with `tf.loadLayersModel`, predicts the
 * vectors of golden.json, and prints `{logit, probability}[]`. Shares no code with the factory.
 *
 *   node predict_with_tfjs.mjs FOLDER      a folder with model.json, weights.bin and golden.json
 */
const [folder] = process.argv.slice(2);
const read = (file) => readFileSync(join(folder, file));
const json = (file) => JSON.parse(read(file).toString('utf8'));

/** As TensorFlow.js for Node reads `file://`: topology from model.json, weights from the files that it names. */
const fromDisk = {
  async load() {
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
const { rows } = json('golden.json');
const vectors = tf.tensor2d(rows.map(({ vector }) => vector));
const probabilities = await model.predict(vectors).data();
// The last layer's own kernel and bias, without its sigmoid: no digits are lost near 0 and 1.
const last = model.layers.at(-1);
const hidden = tf.model({ inputs: model.inputs, outputs: last.input }).predict(vectors);
const [kernel, bias] = last.getWeights();
const logits = await hidden.matMul(kernel).add(bias).data();
console.log(JSON.stringify(rows.map((_, at) => ({ logit: logits[at], probability: probabilities[at] }))));
