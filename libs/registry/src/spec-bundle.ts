import type { Column, Dataset, ModelKey } from '@factory/domain';
import { passesOf, profileDataset } from '@factory/judgement';
import type { NewChampion } from '@factory/ledger';
import { evaluateScores, type Metrics } from '@factory/metrics';
import {
  Scorer,
  buildGoldenRows,
  buildPercentiles,
  encodeBundle,
  type DenseLayerWeights,
  NetworkModel,
  type NetworkWeights,
  type Report,
} from '@factory/model';
import { fitTransform } from '@factory/normalisation';
import { sha256Of, versionFileKey, versionPrefix, type ObjectStore } from '@factory/object-store';
import type { PackedVersion } from './release-version';

const ROWS = 200;
const rows = Uint32Array.from({ length: ROWS }, (_, row) => row);
const columns: readonly Column[] = [
  { kind: 'number', name: 'basket', values: new Float32Array(ROWS).map((_, row) => (row * 37) % 101) },
  {
    kind: 'category',
    name: 'device',
    codes: new Int32Array(ROWS).map((_, row) => row % 3),
    levels: ['desktop', 'phone', 'tablet'],
  },
];

const labels = new Uint8Array(ROWS).map((_, row) => (row % 5 === 0 ? 1 : 0));
const ids = Array.from(rows, (row) => `v${row}`);
const dataset: Dataset = {
  rows: ROWS,
  features: columns,
  visitIds: ids,
  visitorIds: ids,
  visitTimes: Float64Array.from(rows, (row) => Date.UTC(2023, 0, 1) + row * 3_600_000),
  labels,
  marks: new Uint8Array(ROWS),
  weights: new Float64Array(ROWS).fill(1),
};

/** A network whose logit is `bias` plus half the scaled basket if that is positive. */
function network(inputs: number, bias: number): NetworkWeights {
  const layer = (
    from: number,
    units: number,
    rest: Pick<DenseLayerWeights, 'activation'>,
  ): DenseLayerWeights => ({
    kernel: new Float32Array(from * units).fill(0).map((_, at) => (at === 0 ? 0.8 : 0)),
    bias: new Float32Array(units),
    inputs: from,
    units,
    ...rest,
  });
  const last = layer(2, 1, { activation: 'sigmoid' });
  last.bias[0] = bias;
  return { layers: [layer(inputs, 4, { activation: 'relu' }), layer(4, 2, { activation: 'relu' }), last] };
}

/** A report that promotes the first candidate of a model. */
export function reportOf(key: ModelKey, run: string, metrics: Metrics): Report {
  return {
    schemaVersion: 1,
    run,
    ...key,
    createdAt: '2023-04-01T03:00:00.000Z',
    window: { start: '2023-01-01', trainEnd: '2023-03-25', end: '2023-04-01', days: 83, sales: 40 },
    judging: { part: 'test', rows: ROWS, goals: 40, leftOut: 0, reason: 'no out-of-time rows' },
    baseRate: 0.2,
    candidate: { trial: 1, combination: { node1: 4, node2: 2 }, parameters: 30, priorShift: 0 },
    metrics: { train: metrics, test: metrics, outOfTime: null, judging: metrics },
    champion: null,
    verdict: { decision: 'promote', decisive: 'no-champion', reasons: [] },
    warnings: [],
  };
}

/**
 * A small but complete bundle.
 *
 * @param bias of the last layer: versions with different ones score differently
 */
export function specBundle(
  key: ModelKey,
  version: string,
  run: string,
  bias: number,
  { withProfile = true, datasetSha256 = 'b'.repeat(64) } = {},
): PackedVersion & { readonly metrics: Metrics } {
  const transform = fitTransform(columns, rows);
  const model = new NetworkModel(network(transform.outputs.length, bias));
  const flat = buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1));
  const { probabilities } = new Scorer({ transform, model, percentiles: flat }).scoreColumns(columns, rows);
  const weights = new Float64Array(ROWS).fill(1);
  const percentiles = buildPercentiles(probabilities, weights);
  const metrics = evaluateScores(probabilities, labels, weights, 0.5);
  const report = reportOf(key, run, metrics);
  const { window, createdAt } = report;
  const golden = buildGoldenRows({ transform, model, percentiles, columns, trainRows: rows, seed: 1 });
  const files = encodeBundle({
    model,
    transform,
    percentiles,
    golden,
    report,
    profile: withProfile ? profileDataset(passesOf(dataset)) : undefined,
    version,
    createdAt,
    lineage: {
      run,
      ...key,
      window,
      sqlSha256: 'a'.repeat(64),
      datasetSha256,
      codeVersion: '0',
    },
  });
  return { version, files, metrics };
}

/**
 * Writes a small but complete bundle to the store.
 *
 * @param bias see `specBundle`
 * @returns the fields of its champion
 */
export async function storeBundle(
  store: Pick<ObjectStore, 'put' | 'locate'>,
  key: ModelKey,
  version: string,
  run: string,
  bias: number,
): Promise<NewChampion> {
  const { files, metrics } = specBundle(key, version, run, bias);
  for (const [file, body] of files)
    await store.put(versionFileKey(key, version, file), body, { contentType: 'application/octet-stream' });
  return {
    ...key,
    version,
    location: store.locate(versionPrefix(key, version)),
    manifestSha256: sha256Of(files.get('manifest.json') ?? ''),
    run,
    metrics: { rocAuc: metrics.rocAuc },
  };
}
