import { BadInputError } from '@factory/domain';

export const ACTIVATIONS = ['relu', 'tanh', 'elu', 'selu'] as const;
export type HiddenActivation = (typeof ACTIVATIONS)[number];

/** In the kernel's numbering (`training_kernel.h`). */
export const OPTIMIZER_KINDS = ['adam', 'nadam', 'rmsprop', 'sgd'] as const;
export type OptimizerKind = (typeof OPTIMIZER_KINDS)[number];

/** As Keras. */
export const DEFAULT_NORM_EPSILON = 1e-3;

/** Dense - [batch norm] - activation - dropout. */
export interface HiddenLayerSpec {
  /** 1 to 1,024. */
  readonly units: number;
  /** Default `relu`. */
  readonly activation?: HiddenActivation;
  /** Share of outputs dropped in training, [0, 1); default 0. */
  readonly dropout?: number;
  /** Weight of the kernel's sum of squares in the loss that is minimised; default 0. */
  readonly l2?: number;
  /** Default false. */
  readonly batchNorm?: boolean;
}

/** A network with one logit as its output, and its training settings. */
export interface NetworkSpec {
  /** Columns of the feature matrix. */
  readonly denseInputs: number;
  /** One-hot columns kept as codes; default 0. They follow the dense ones in the first kernel. */
  readonly codedInputs?: number;
  /** Codes in a row; default 0. */
  readonly codeGroups?: number;
  /** Zero to four. */
  readonly hidden: readonly HiddenLayerSpec[];
  readonly optimizer: OptimizerKind;
  /** Of sgd, [0, 1); default 0. */
  readonly momentum?: number;
  /** Rows of a full batch, 1 to 65,536. */
  readonly batchRows: number;
  /** Of the dropout masks; unsigned 32-bit number. */
  readonly seed: number;
  /** Of batch norm's moving statistics, [0, 1); default .99 as in Keras. */
  readonly normMomentum?: number;
  /** Added to batch norm's variances; default `DEFAULT_NORM_EPSILON`. */
  readonly normEpsilon?: number;
  /** As `l2` of a hidden layer, for the output's kernel. */
  readonly outputL2?: number;
}

/** Fields of a specification before those of the layers, in the kernel's order; see `training_kernel.h`. */
const FIELDS = [
  ['denseInputs', 'a whole number from 0 to 65535'],
  ['codedInputs', 'a whole number from 0 to 65534; with denseInputs at least 1'],
  ['codeGroups', 'a whole number from 1 to codedInputs, or 0 with codedInputs 0'],
  ['hidden.length', 'at most 4 hidden layers'],
  ['optimizer', `one of ${OPTIMIZER_KINDS.join(', ')}`],
  ['momentum', 'a number from 0 to below 1'],
  ['batchRows', 'a whole number from 1 to 65536'],
  ['seed', 'a whole number from 0 to 4294967295'],
  ['normMomentum', 'a number from 0 to below 1'],
  ['normEpsilon', 'a number above 0'],
  ['outputL2', 'a number of at least 0'],
] as const;
const LAYER_FIELDS = [
  ['units', 'a whole number from 1 to 1024'],
  ['activation', `one of ${ACTIVATIONS.join(', ')}`],
  ['dropout', 'a number from 0 to below 1'],
  ['l2', 'a number of at least 0'],
  ['batchNorm', 'true or false'],
] as const;
const MOST_HIDDEN = 4;

/** The specification in the kernel's format. */
export function encodeSpec(spec: NetworkSpec): Float64Array {
  const numbers = new Float64Array(FIELDS.length + MOST_HIDDEN * LAYER_FIELDS.length);
  numbers.set([
    spec.denseInputs,
    spec.codedInputs ?? 0,
    spec.codeGroups ?? 0,
    spec.hidden.length,
    OPTIMIZER_KINDS.indexOf(spec.optimizer),
    spec.momentum ?? 0,
    spec.batchRows,
    spec.seed,
    spec.normMomentum ?? 0.99,
    spec.normEpsilon ?? DEFAULT_NORM_EPSILON,
    spec.outputL2 ?? 0,
  ]);
  spec.hidden.slice(0, MOST_HIDDEN).forEach((layer, index) => {
    const { units, activation = 'relu', dropout = 0, l2 = 0, batchNorm = false } = layer;
    const fields = [units, ACTIVATIONS.indexOf(activation), dropout, l2, Number(batchNorm)];
    numbers.set(fields, FIELDS.length + index * LAYER_FIELDS.length);
  });
  return numbers;
}

/**
 * The error of an invalid specification.
 *
 * @param field the kernel's number of the first field out of range
 * @returns `invalid-network` with the field's name and value
 */
export function specFault(field: number, spec: NetworkSpec): BadInputError {
  const [name, todo] = FIELDS[field] ?? layerField(field);
  return new BadInputError('invalid-network', {
    field: `network.${name}`,
    value: valueAt(spec, name),
    todo: `give ${todo}`,
  });
}

function layerField(field: number): readonly [string, string] {
  const beyond = field - FIELDS.length;
  const [name, todo] = LAYER_FIELDS[beyond % LAYER_FIELDS.length] ?? LAYER_FIELDS[0];
  return [`hidden.${Math.floor(beyond / LAYER_FIELDS.length)}.${name}`, todo];
}

function valueAt(spec: NetworkSpec, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], spec);
}
