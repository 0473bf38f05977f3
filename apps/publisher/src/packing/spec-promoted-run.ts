import type { ArtefactRef } from '@factory/contracts';
import { encodeDataset, encodeScores } from '@factory/dataset';
import { MARKS, rowsOf, type Dataset, type ModelKey } from '@factory/domain';
import { passesOf, profileDataset } from '@factory/judgement';
import { evaluateScores } from '@factory/metrics';
import { Scorer, buildPercentiles, NetworkModel, type Report } from '@factory/model';
import { fitTransform } from '@factory/normalisation';
import { putVerified, type ObjectStore } from '@factory/object-store';
import type { PackInput } from './pack-bundle';

const ROWS = 300;
const SHIFT = Math.log(0.1);
export const window = {
  start: '2023-01-01T00:00:00.000Z',
  trainEnd: '2023-03-25T00:00:00.000Z',
  end: '2023-04-01T00:00:00.000Z',
  days: 83,
  sales: 600,
};
const all = Array.from({ length: ROWS }, (_, row) => row);
/** Two rows in three to learn from, the rest to judge by. */
export const dataset: Dataset = {
  rows: ROWS,
  features: [
    { kind: 'number', name: 'basket', values: Float32Array.from(all, (row) => (row * 37) % 101) },
    {
      kind: 'category',
      name: 'device',
      codes: Int32Array.from(all, (row) => (row % 4) - 1),
      levels: ['desktop', 'phone', 'tablet'],
    },
  ],
  visitIds: all.map((row) => `v${row}`),
  visitorIds: all.map((row) => `w${row}`),
  visitTimes: Float64Array.from(all, (row) => Date.parse(window.start) + row * 3_600_000),
  labels: Uint8Array.from(all, (row) => Number(row % 5 === 0)),
  marks: Uint8Array.from(all, (row) => MARKS.indexOf(row % 3 === 2 ? 'test' : 'train')),
  weights: Float64Array.from(all, (row) => (row % 5 === 0 ? 1 : 10)),
};

function networkOf(inputs: number): NetworkModel {
  const kernel = Float32Array.from({ length: inputs }, (_, at) => (at % 3) / 2 - 0.5);
  const bias = Float32Array.of(0.25);
  return new NetworkModel({ layers: [{ kernel, bias, inputs, units: 1, activation: 'sigmoid' }] });
}

/** What a run left on the store, and the same as a value. */
export interface EvaluatedRun {
  readonly pack: PackInput;
  readonly report: Report;
}

/** When the run's features were known. */
export const featureMoment = {
  cut: { observeSeconds: 300 },
  tables: [
    { table: 'click', time: 'click_time' },
    { table: 'agg', covers: 'whole-visit' },
  ],
};

/**
 * Writes the artefacts of a run up to its evaluation.
 *
 * @param shard of the evaluation; a later one has a later report
 */
export async function storeEvaluatedRun(
  store: Pick<ObjectStore, 'put'>,
  key: ModelKey,
  run: string,
  verdict: Pick<Report['verdict'], 'decision' | 'decisive'> = {
    decision: 'promote',
    decisive: 'no-champion',
  },
  shard: '0' | 'again' = '0',
  repair?: Report['repair'],
): Promise<EvaluatedRun> {
  const transform = fitTransform(dataset.features, rowsOf(dataset, 'train'));
  const drawn = networkOf(transform.outputs.length);
  const natural = drawn.shifted(SHIFT);
  const model = repair?.fitted ? natural.rescaled(repair.fitted) : natural;
  const flat = buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1));
  const rows = Uint32Array.from(all);
  const scorer = new Scorer({ transform, model, percentiles: flat });
  const { logits, probabilities } = scorer.scoreColumns(dataset.features, rows);
  const judging = Uint8Array.from(dataset.marks, (mark) => Number(mark === MARKS.indexOf('test')));
  const metrics = evaluateScores(probabilities, dataset.labels, dataset.weights, 0.1);
  const report: Report = {
    schemaVersion: 1,
    run,
    ...key,
    createdAt: shard === '0' ? '2023-04-01T03:00:00.000Z' : '2023-04-01T03:00:07.500Z',
    window,
    judging: { part: 'test', rows: 100, goals: 20, leftOut: 0, reason: 'no out-of-time rows' },
    baseRate: metrics.baseRate,
    candidate: { trial: 1, combination: { node1: 8 }, parameters: 5, priorShift: SHIFT },
    metrics: { train: metrics, test: metrics, outOfTime: null, judging: metrics },
    champion: null,
    verdict: { ...verdict, reasons: [] },
    ...(repair ? { repair } : {}),
    warnings: [],
  };
  const profile = profileDataset(passesOf(dataset), { marks: ['train', 'validation'] });
  const put = (name: string, body: Uint8Array | string): Promise<ArtefactRef> =>
    putVerified(store, `runs/${run}/${shard}/${name}`, body, { contentType: 'application/octet-stream' });
  const scores = encodeScores({
    ...dataset,
    judging,
    logits,
    probabilities,
    championProbabilities: new Float64Array(ROWS).fill(NaN),
  });
  return {
    report,
    pack: {
      dataset: await put('dataset.arrow', encodeDataset(dataset)),
      samplingLedger: await put(
        'dataset.json',
        JSON.stringify({ queries: [{ sql: 'SELECT 1' }], featureMoment }),
      ),
      transform: await put('transform.json', JSON.stringify(transform)),
      candidate: {
        trial: 1,
        weights: await put('trial-1.weights', drawn.encode()),
        naturalValidationLogLoss: 0.2,
        parameters: 5,
      },
      report: await put('report.json', JSON.stringify(report)),
      scores: await put('scores.arrow', scores),
      profile: await put('profile.json', `${JSON.stringify(profile)}\n`),
      codeVersion: 'spec',
    },
  };
}
