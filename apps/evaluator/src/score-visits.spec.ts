import { decodeDataset, encodeDataset } from '@factory/dataset';
import { compareBytes, MARKS, rowsOf, sigmoid, type Column, type Dataset } from '@factory/domain';
import { buildPercentiles, Scorer, NetworkModel, type Activation } from '@factory/model';
import { fitTransform } from '@factory/normalisation';
import { loadKernel } from '@factory/training-kernel';
import fc from 'fast-check';
import { RowSample } from './row-sample';
import { scoreVisits } from './score-visits';
import { refOf, sourceOf } from './spec-judgement';

const LEVELS = ['a', 'b', 'c', 'd', 'e', 'ß', '東京'].sort(compareBytes);
const percentiles = buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1));

/** A sequence of numbers in [-1, 1) from a seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 31 - 1;
}

function datasetOf(rows: number, features: number, seed: number): Dataset {
  const next = numbers(seed);
  const columns = Array.from({ length: features }, (_, at): Column => {
    if (at % 3 === 2) {
      const codes = Int32Array.from({ length: rows }, () => Math.floor(Math.abs(next()) * 8) - 1);
      return { kind: 'category', name: `c${at}`, codes, levels: LEVELS };
    }
    const values = Float32Array.from({ length: rows }, () => (next() > 0.8 ? NaN : 100 * next()));
    return { kind: 'number', name: `c${at}`, values };
  });
  const ids = Array.from({ length: rows }, (_, row) => `v${row}`);
  return {
    rows,
    features: columns,
    visitIds: ids,
    visitorIds: ids.map((id) => `w${id}é`),
    visitTimes: Float64Array.from(ids, (_, row) => row * 1_000),
    labels: Uint8Array.from(ids, () => Number(next() > 0)),
    marks: Uint8Array.from(ids, () => Math.floor(Math.abs(next()) * MARKS.length)),
    weights: Float64Array.from(ids, () => 1 + Math.abs(next())),
    halves: Uint8Array.from(ids, () => Number(next() > 0)),
  };
}

function networkOf(inputs: number, hidden: readonly [number, Activation][], seed: number): NetworkModel {
  const next = numbers(seed);
  let before = inputs;
  const layers = [...hidden, [1, 'sigmoid'] as const].map(([units, activation]) => {
    const scale = 2 / Math.sqrt(before);
    const kernel = Float32Array.from({ length: before * units }, () => scale * next());
    const layer = {
      kernel,
      bias: Float32Array.from({ length: units }, next),
      inputs: before,
      units,
      activation,
    };
    before = units;
    return layer;
  });
  return new NetworkModel({ layers });
}

/** The scores of all rows by the plain TypeScript implementation. */
function plainLogits(
  model: { model: NetworkModel; transform: ReturnType<typeof fitTransform> },
  of: Dataset,
) {
  const rows = Uint32Array.from({ length: of.rows }, (_, row) => row);
  return new Scorer({ ...model, percentiles }).scoreColumns(of.features, rows).logits;
}

function expectTheSame(dataset: Dataset, hidden: readonly [number, Activation][], seed: number): void {
  const transform = fitTransform(dataset.features, rowsOf(dataset, 'train'), { maxFeatures: 200 });
  const candidate = { transform, model: networkOf(transform.outputs.length, hidden, seed) };
  const champion = { transform, model: networkOf(transform.outputs.length, [[5, 'tanh']], seed + 1) };
  const bytes = encodeDataset(dataset);
  const kernel = loadKernel().build;
  const scored = scoreVisits(refOf(bytes), sourceOf(bytes), {
    ...{ candidate, others: { champion }, kernel },
    sample: new RowSample(1, {}),
  });
  const [plain, plainChampion] = [plainLogits(candidate, dataset), plainLogits(champion, dataset)];
  const championLogits = scored.others.champion;
  expect(Object.keys(scored.others)).toEqual(['champion']);
  expect(scored.rows).toBe(dataset.rows);
  let [logits, probabilities] = [0, 0];
  plain.forEach((logit, row) => {
    logits = Math.max(logits, Math.abs(logit - scored.logits[row]!));
    probabilities = Math.max(probabilities, Math.abs(sigmoid(logit) - sigmoid(scored.logits[row]!)));
    const isJudged = ['test', 'out-of-time'].includes(MARKS[dataset.marks[row]!]!);
    const champions = championLogits![row]!;
    if (!isJudged) expect(champions).toBeNaN();
    else logits = Math.max(logits, Math.abs(plainChampion[row]! - champions));
  });
  expect(logits).toBeLessThan(1e-4);
  expect(probabilities).toBeLessThan(1e-5);
  const { labels, marks, weights, halves, visitTimes } = decodeDataset(bytes);
  expect(scored).toMatchObject({ labels, marks, weights, halves, visitTimes });
}

const ACTIVATIONS: readonly Activation[] = ['relu', 'tanh', 'elu', 'selu'];

describe('visits scored as their bytes arrive', () => {
  it('have the scores of the plain forward pass within 1e-4 and 1e-5, for any network and columns', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 400 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 70 }), fc.constantFrom(...ACTIVATIONS)), {
          maxLength: 4,
        }),
        fc.integer({ min: 1, max: 1e9 }),
        (rows, features, hidden, seed) => expectTheSame(datasetOf(rows, features, seed), hidden, seed),
      ),
      { numRuns: 40 },
    );
  });

  it('have them over several batches', () => {
    expectTheSame(
      datasetOf(70_000, 8, 5),
      [
        [16, 'relu'],
        [8, 'relu'],
      ],
      5,
    );
  });

  it.each<[string, [number, Activation][]]>([
    ['five hidden layers', Array.from({ length: 5 }, () => [6, 'relu'])],
    [
      'a layer without activation',
      [
        [6, 'linear'],
        [4, 'relu'],
      ],
    ],
    ['a layer of sigmoids', [[6, 'sigmoid']]],
    ['a layer of 1,100 units', [[1_100, 'relu']]],
  ])('have them of a network that the kernel has no form for: %s', (_case, hidden) => {
    expectTheSame(datasetOf(100, 5, 7), hidden, 7);
  });
});
