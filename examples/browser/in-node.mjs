// The page's own module, loaded over HTTP as in a browser but run by Node, for whoever has no browser at hand.
import tf from '@tensorflow/tfjs';
import { goldenError, loadModel } from './model.mjs';
import { serve } from './serve.mjs';

const server = await serve(0);
const model = await loadModel(tf, `http://127.0.0.1:${server.address().port}/published`);
const error = await goldenError(model);
const [probability] = await model.score([
  { channel: 'mail', device: 'phone', pages: '9', basket: '80', returning: 'yes' },
]);
console.log(
  `version ${model.version}: golden rows within ${error.toExponential(1)}; a visit: ${probability.toFixed(4)}`,
);
server.close();
if (error > 1e-5) process.exitCode = 1;
