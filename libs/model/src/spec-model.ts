import { type Column, type Dataset, Xoroshiro128Plus } from '@factory/domain';
import { evaluateScores } from '@factory/metrics';
import { fitTransform } from '@factory/normalisation';
import type { BundleParts } from './bundle';
import { buildGoldenRows } from './golden-rows';
import type { Lineage } from './manifest';
import { NetworkModel } from './network/network-model';
import type { DenseLayerWeights, NetworkWeights } from './network/network-weights';
import { buildPercentiles } from './percentiles';
import type { Predictor } from './predictor';
import type { Report } from './report';
import { Scorer } from './scorer';
import { specProfile } from './spec-profile';

/** Uniform numbers in [-1, 1) for specs. */
export function uniforms(seed: number): () => number {
  const random = new Xoroshiro128Plus(seed);
  return () => random.int32() / 2 ** 31;
}

/** Dense-Dropout-Dense-Dropout-Dense with random weights, as the trainer makes them. */
export function randomNetwork(
  inputs: number,
  seed = 1,
  hidden: readonly [number, number] = [8, 4],
): NetworkWeights {
  const next = uniforms(seed);
  const layer = (from: number, units: number, rest: Pick<DenseLayerWeights, 'activation' | 'dropout'>) => ({
    kernel: new Float32Array(from * units).map(() => next()),
    bias: new Float32Array(units).map(() => next()),
    inputs: from,
    units,
    ...rest,
  });
  return {
    layers: [
      layer(inputs, hidden[0], { activation: 'relu', dropout: 0.2 }),
      layer(hidden[0], hidden[1], { activation: 'relu', dropout: 0.5 }),
      layer(hidden[1], 1, { activation: 'sigmoid' }),
    ],
  };
}

const ROWS = 500;
const next = uniforms(3);
/** Columns of 500 visits: numbers with gaps, and a category. */
export const columns: readonly Column[] = [
  {
    kind: 'number',
    name: 'basket',
    values: new Float32Array(ROWS).map((_, row) => (row % 9 ? 50 + 30 * next() : NaN)),
  },
  {
    kind: 'number',
    name: 'visits',
    values: new Float32Array(ROWS).map(() => Math.floor(Math.abs(6 * next()))),
  },
  {
    kind: 'category',
    name: 'device',
    codes: new Int32Array(ROWS).map((_, row) => (row % 4) - 1),
    levels: ['desktop', 'phone', 'tablet'],
  },
];
export const rows = Uint32Array.from({ length: ROWS }, (_, row) => row);
const labels: Dataset['labels'] = new Uint8Array(ROWS).map((_, row) => (row % 9 === 1 ? 1 : 0));
const weights = new Float64Array(ROWS).map((_, row) => (row % 9 === 1 ? 1 : 12));

export const window = {
  start: '2023-01-01T00:00:00.000Z',
  trainEnd: '2023-03-25T00:00:00.000Z',
  end: '2023-04-01T00:00:00.000Z',
  days: 83,
  sales: 12_345,
};
export const lineage: Lineage = {
  run: '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111',
  source: 'main',
  product: 7,
  goal: 'sale',
  window,
  sqlSha256: 'a'.repeat(64),
  datasetSha256: 'b'.repeat(64),
  codeVersion: '0.1.0',
};

/** A complete model for the columns above. */
export function modelParts(): BundleParts {
  const transform = fitTransform(columns, rows);
  const model = new NetworkModel(randomNetwork(transform.outputs.length)).shifted(-2.5);
  const unranked = buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1));
  const { probabilities } = new Scorer({ transform, model, percentiles: unranked }).scoreColumns(
    columns,
    rows,
  );
  const percentiles = buildPercentiles(probabilities, weights);
  const metrics = evaluateScores(probabilities, labels, weights, 0.1);
  const report: Report = {
    schemaVersion: 2,
    run: lineage.run,
    source: 'main',
    product: 7,
    goal: 'sale',
    createdAt: '2023-04-01T03:00:00.000Z',
    window,
    judging: {
      part: 'test',
      rows: ROWS,
      goals: metrics.goals,
      leftOut: 0,
      reason: 'too few goals out of time.',
    },
    baseRate: metrics.baseRate,
    candidate: { trial: 3, combination: { node1: 8, node2: 4 }, parameters: 100, priorShift: -2.5 },
    metrics: { train: metrics, test: metrics, outOfTime: null, judging: metrics },
    champion: null,
    verdict: {
      decision: 'promote',
      decisive: 'no-champion',
      reasons: [{ rule: 'no-champion', figure: null, limit: null, result: 'promote' }],
    },
    warnings: ['ROC-AUC is close to .5'],
  };
  const golden = buildGoldenRows({ transform, model, percentiles, columns, trainRows: rows, seed: 11 });
  return {
    model,
    transform,
    percentiles,
    golden,
    report,
    profile: specProfile,
    lineage,
    version: 'v1',
    createdAt: report.createdAt,
  };
}

/** The logits of the columns above, computed directly with matrix and model. */
export function logitsOf(model: Predictor, matrix: Float32Array, count: number): Float64Array {
  return model.logits(matrix, count, matrix.length / count);
}
