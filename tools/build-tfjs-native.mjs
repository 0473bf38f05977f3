import { parseArgs } from 'node:util';
import { ensureTfjsNative } from './tfjs-native/ensure.mjs';
import { messageOf } from './workspace/error-message.mjs';

const HELP = `npm run build:tfjs-native -- --cpu | --gpu [--cuda] [--out DIR] [--nodedir DIR]

Builds TensorFlow.js's native binding against a current TensorFlow, for the training engines tfjs-native and gpu,
and prints the folder: give it to the trainer as TFJS_NATIVE_DIR. What is there already is left alone.

  --cpu      @tensorflow/tfjs-node on the library of the wheel tensorflow-cpu
  --gpu      @tensorflow/tfjs-node-gpu on the library of the wheel tensorflow (CUDA 12)
  --cuda     with --gpu: NVIDIA's libraries as well (4 GB), for images that do not have CUDA 12 and cuDNN 9
  --out      where to; default .cache/tfjs-native/cpu or .cache/tfjs-native/gpu
  --nodedir  where include/node with Node's headers is; default: beside the running node

Needs Linux, npm and Python 3; g++ and make are installed with apt-get where they are missing.`;

const { values } = parseArgs({
  options: {
    cpu: { type: 'boolean', default: false },
    gpu: { type: 'boolean', default: false },
    cuda: { type: 'boolean', default: false },
    out: { type: 'string' },
    nodedir: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

async function main() {
  const { cpu, gpu, cuda, out, nodedir, help } = values;
  if (help) return console.log(HELP);
  if (cpu === gpu || (cuda && !gpu)) throw new Error(`Write --cpu or --gpu.\n\n${HELP}`);
  console.log(
    await ensureTfjsNative(gpu ? 'gpu' : 'cpu', { folder: out, nodedir, cuda, say: console.error }),
  );
}

try {
  await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
