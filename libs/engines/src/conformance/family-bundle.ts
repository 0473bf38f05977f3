import {
  Scorer,
  buildGoldenRows,
  buildPercentiles,
  encodeBundle,
  type BundleFile,
  type Predictor,
  type Report,
} from '@factory/model';
import type { FamilyData } from './family-data';

const key = { source: 'main', product: 7, goal: 'sale' };
const run = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111';
const createdAt = '2023-04-01T03:00:00.000Z';
const window = {
  start: '2023-01-01T00:00:00.000Z',
  trainEnd: '2023-03-25T00:00:00.000Z',
  end: '2023-04-01T00:00:00.000Z',
  days: 83,
  sales: 1_000,
};

/**
 * A model packed as the publisher does.
 *
 * @param shifted with the prior shift in its logits
 */
export function familyBundle(
  { columns, transform, data }: FamilyData,
  settings: object,
  shifted: Predictor,
  shift: number,
): ReadonlyMap<BundleFile, Buffer> {
  const unranked = buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1));
  const { probabilities } = new Scorer({ transform, model: shifted, percentiles: unranked }).scoreColumns(
    columns,
    data.validationRows,
  );
  const percentiles = buildPercentiles(probabilities, new Float64Array(probabilities.length).fill(1));
  const report: Report = {
    ...{ schemaVersion: 1, run, ...key, createdAt, window, baseRate: 0.25, champion: null, warnings: [] },
    judging: { part: 'test', rows: 0, goals: 0, leftOut: 0, reason: 'by conformance suite' },
    candidate: {
      ...{ trial: 1, family: shifted.family, combination: { ...settings } },
      ...{ parameters: shifted.parameters, priorShift: shift },
    },
    metrics: { train: null, test: null, outOfTime: null, judging: null },
    verdict: { decision: 'promote', decisive: 'no-champion', reasons: [] },
  };
  const { trainRows } = data;
  return encodeBundle({
    ...{ model: shifted, transform, percentiles, report, version: 'v1', createdAt },
    golden: buildGoldenRows({ transform, model: shifted, percentiles, columns, trainRows, seed: 11 }),
    lineage: {
      ...{ run, ...key, window, codeVersion: '0' },
      ...{ sqlSha256: 'a'.repeat(64), datasetSha256: 'b'.repeat(64) },
    },
  });
}
