import { BadInputError } from '@factory/domain';
import { parseVersioned } from '@factory/normalisation';
import { z } from 'zod';
import { fromLittleEndian, toLittleEndian } from './float32-bytes';
import { ACTIVATIONS, type DenseLayerWeights, type NetworkWeights } from './network-weights';

const SCHEMA_VERSION = 1;
export const WEIGHTS_FILE = 'weights.bin';

const denseConfig = z.looseObject({
  name: z.string(),
  units: z.number().int().positive(),
  activation: z.enum(ACTIVATIONS),
});
const dropoutConfig = z.looseObject({ rate: z.number().min(0).lt(1) });

const layersModelSchema = z.looseObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  format: z.literal('layers-model'),
  modelTopology: z.looseObject({
    config: z.looseObject({
      layers: z
        .array(
          z.discriminatedUnion('class_name', [
            z.object({ class_name: z.literal('Dense'), config: denseConfig }),
            z.object({ class_name: z.literal('Dropout'), config: dropoutConfig }),
          ]),
        )
        .min(1),
    }),
  }),
  weightsManifest: z
    .array(
      z.object({
        paths: z.array(z.literal(WEIGHTS_FILE)).length(1),
        weights: z.array(
          z.object({
            name: z.string(),
            shape: z.array(z.number().int().positive()),
            dtype: z.literal('float32'),
          }),
        ),
      }),
    )
    .length(1),
});

/** `model.json` as read by `tf.loadLayersModel`, with an additional `schemaVersion` of ours. */
export type LayersModelJson = z.infer<typeof layersModelSchema>;

/**
 * The network in the LayersModel format of TensorFlow.js: a Sequential of Dense and Dropout layers. Standard
 * `tf.loadLayersModel` loads it and `predict` returns the natural-prior probability. `weights.bin`: float32
 * little-endian, kernel [inputs, units] then bias [units], layer by layer.
 */
export function toLayersModel(
  network: NetworkWeights,
  name: string,
): { modelJson: LayersModelJson; weights: Buffer } {
  const layers: LayersModelJson['modelTopology']['config']['layers'] = [];
  network.layers.forEach((layer, index) => {
    const shape = index === 0 ? { batch_input_shape: [null, layer.inputs] } : {};
    const { units, activation } = layer;
    layers.push({
      class_name: 'Dense',
      config: {
        name: denseName(index),
        trainable: true,
        ...shape,
        dtype: 'float32',
        units,
        activation,
        use_bias: true,
      },
    });
    if (layer.dropout !== undefined) {
      layers.push({
        class_name: 'Dropout',
        config: { name: `dropout_${index + 1}`, trainable: true, dtype: 'float32', rate: layer.dropout },
      });
    }
  });
  const manifest = network.layers.flatMap(({ inputs, units }, index) => [
    { name: `${denseName(index)}/kernel`, shape: [inputs, units], dtype: 'float32' as const },
    { name: `${denseName(index)}/bias`, shape: [units], dtype: 'float32' as const },
  ]);
  return {
    modelJson: {
      schemaVersion: SCHEMA_VERSION,
      format: 'layers-model',
      generatedBy: 'propensity-model-factory',
      convertedBy: null,
      modelTopology: {
        class_name: 'Sequential',
        config: { name, layers },
        keras_version: 'tfjs-layers 4.22.0',
        backend: 'tensor_flow.js',
      },
      weightsManifest: [{ paths: [WEIGHTS_FILE], weights: manifest }],
    },
    weights: toLittleEndian(network.layers.flatMap(({ kernel, bias }) => [kernel, bias])),
  };
}

/**
 * Reads what `toLayersModel` wrote.
 *
 * @throws BadInputError `unknown-schema-version`, `invalid-artefact`, `invalid-weights`
 */
export function fromLayersModel(modelJson: unknown, weights: Uint8Array): NetworkWeights {
  const model = parseVersioned('model.json', SCHEMA_VERSION, layersModelSchema, modelJson);
  const tensors = readTensors(model, weights);
  const layers: DenseLayerWeights[] = [];
  for (const layer of model.modelTopology.config.layers) {
    const before = layers.at(-1);
    if (layer.class_name === 'Dense') layers.push(denseLayer(layer.config, tensors));
    else if (before) layers[layers.length - 1] = { ...before, dropout: layer.config.rate };
  }
  return { layers };
}

interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

function readTensors(model: LayersModelJson, weights: Uint8Array): Map<string, Tensor> {
  const specs = model.weightsManifest.flatMap((group) => group.weights);
  const sizes = specs.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  const bytes = 4 * sizes.reduce((sum, size) => sum + size, 0);
  if (bytes !== weights.byteLength) {
    throw invalid(
      `${WEIGHTS_FILE} length`,
      weights.byteLength,
      `give the ${bytes} bytes that model.json announces`,
    );
  }
  let at = 0;
  return new Map(
    specs.map(({ name, shape }, index) => {
      const size = sizes[index] ?? 0;
      at += 4 * size;
      return [name, { shape, values: fromLittleEndian(weights, at - 4 * size, size) }];
    }),
  );
}

function denseLayer(
  { name, units, activation }: z.infer<typeof denseConfig>,
  tensors: ReadonlyMap<string, Tensor>,
): DenseLayerWeights {
  const kernel = tensors.get(`${name}/kernel`);
  const bias = tensors.get(`${name}/bias`);
  const inputs = kernel?.shape[0];
  if (!kernel || !bias || !inputs || kernel.shape[1] !== units || bias.shape[0] !== units) {
    throw invalid(
      `weights of layer ${name}`,
      kernel?.shape,
      `give a kernel [inputs, ${units}] and a bias [${units}]`,
    );
  }
  return { kernel: kernel.values, bias: bias.values, inputs, units, activation };
}

function denseName(index: number): string {
  return `dense_${index + 1}`;
}

function invalid(field: string, value: unknown, todo: string): BadInputError {
  return new BadInputError('invalid-weights', { field, value, todo });
}
