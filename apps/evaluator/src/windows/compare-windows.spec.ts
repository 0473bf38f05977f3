import { encodeDataset } from '@factory/dataset';
import { rowsOf, sigmoid } from '@factory/domain';
import { rowLogLoss } from '@factory/metrics';
import { type NetworkModel } from '@factory/model';
import { applyTransform } from '@factory/normalisation';
import { Readable } from 'node:stream';
import {
  judgedFrom,
  judgementInput,
  basketNetwork,
  championOf,
  dataset,
  refOf,
  sourceOf,
  transformOf,
  window,
} from '../spec-judgement';
import { ChooseCandidate, type WindowsRequest } from './choose-candidate';
import { compareWindows, type WindowsInput } from './compare-windows';

/** Every other visitor is of half a. */
const halved = { ...dataset, halves: Uint8Array.from(dataset.labels, (_label, row) => row % 2) };
const bytes = encodeDataset(halved);
const transform = Buffer.from(JSON.stringify(transformOf()));
const halfA = rowsOf(halved, 'out-of-time').filter((row) => row % 2 === 0);
const goals = halfA.reduce((sum, row) => sum + (halved.labels[row] ?? 0), 0);
const SHIFT = -0.7;

const [LONG, SHORT] = ['2023-01-01T00:00:00.000Z', '2023-01-27T00:00:00.000Z'];
const trained = (start: string, days: number, model: NetworkModel, trial: number) => ({
  ...{ start, days, sales: 10 * days, trial, family: 'network', weights: model.encode() },
});
/** The short window has the good model, the long one that of before a break. */
const BROKEN = [trained(SHORT, 14, basketNetwork(1.5), 5), trained(LONG, 40, basketNetwork(-1), 1)];

function compare(changes: Partial<WindowsInput> = {}) {
  const input = {
    ...{ run: 'r', dataset: refOf(bytes), transform, shift: SHIFT, windows: BROKEN, byVolume: LONG },
    ...{ minOutOfTimeGoals: 50, ...changes },
  };
  return compareWindows(input, sourceOf(bytes));
}
const chosenOf = ({ compared }: ReturnType<typeof compare>) => compared.find(({ chosen }) => chosen)?.start;

describe('the comparison of windows', () => {
  it('measures each model on half a of the out-of-time rows, with the prior shift', () => {
    const { rows, goals: found, compared } = compare();
    expect([rows, found]).toEqual([halfA.length, goals]);
    const { matrix } = applyTransform(transformOf(), halved.features, halfA);
    [basketNetwork(1.5), basketNetwork(-1)].forEach((model, at) => {
      let [loss, weights] = [0, 0];
      halfA.forEach((row, k) => {
        const probability = sigmoid(model.logit(matrix.subarray(2 * k, 2 * k + 2)) + SHIFT);
        loss += (halved.weights[row] ?? 0) * rowLogLoss(probability, halved.labels[row] ?? 0);
        weights += halved.weights[row] ?? 0;
      });
      expect(compared[at]?.logLoss?.estimate).toBeCloseTo(loss / weights, 5);
    });
    expect(compared[1]?.overLongest).toMatchObject({ estimate: 0, lower95: 0, upper95: 0 });
  });

  it('takes the shorter window if the longer is surely worse, and else the longer', () => {
    expect(compare()).toMatchObject({ reason: 'fresher' });
    expect(chosenOf(compare())).toBe(SHORT);
    const stable = [trained(SHORT, 14, basketNetwork(1.2), 5), trained(LONG, 40, basketNetwork(1.5), 1)];
    expect(compare({ windows: stable })).toMatchObject({ reason: 'longest' });
    expect(chosenOf(compare({ windows: stable }))).toBe(LONG);
  });

  it('leaves the choice to the sales volume if half a has too few goals', () => {
    const few = { minOutOfTimeGoals: goals + 1 };
    expect(compare(few)).toMatchObject({ reason: 'too-few-goals' });
    expect([chosenOf(compare(few)), chosenOf(compare({ ...few, byVolume: SHORT }))]).toEqual([LONG, SHORT]);
    const lost = compare({ ...few, byVolume: '2023-01-20T00:00:00.000Z' });
    expect(chosenOf(lost)).toBe(LONG);
  });

  it('never takes a model whose scores are not numbers, and shows no figures of it', () => {
    const broken = trained(SHORT, 14, basketNetwork(Infinity), 5);
    const found = compare({ windows: [broken, trained(LONG, 40, basketNetwork(-1), 1)] });
    expect(chosenOf(found)).toBe(LONG);
    expect(found.compared[0]).not.toHaveProperty('logLoss');
    expect(found.compared[1]).toHaveProperty('logLoss');
  });

  it('has nothing to compare on in a dataset without halves', () => {
    const older = encodeDataset(dataset);
    const found = compareWindows(
      {
        ...{ run: 'r', dataset: refOf(older), transform, shift: 0, windows: BROKEN, byVolume: SHORT },
        minOutOfTimeGoals: 1,
      },
      sourceOf(older),
    );
    expect(found).toMatchObject({ reason: 'too-few-goals', rows: 0, goals: 0 });
    expect(chosenOf(found)).toBe(SHORT);
  });
});

describe('the candidate of a run with several windows', () => {
  const models = { long: basketNetwork(-1), short: basketNetwork(1.5) };
  const files = new Map<string, Uint8Array>([
    ['transform', transform],
    ['dataset', bytes],
    ...Object.entries(models).map(([name, model]) => [name, model.encode()] as const),
  ]);
  const ref = (key: string) => ({ ...refOf(files.get(key)!), key });
  const store = {
    get: (key: string) => Promise.resolve(Buffer.from(files.get(key)!)),
    getStream: (key: string) => Promise.resolve(Readable.from([Buffer.from(files.get(key)!)])),
  };
  const candidate = (trial: number, weights: string) => ({
    ...{ trial, weights: ref(weights), naturalValidationLogLoss: 0.2, parameters: 3 },
  });
  const { counts, trial } = judgementInput();
  const request: WindowsRequest = {
    ...{ run: 'r', dataset: ref('dataset'), transform: ref('transform'), counts },
    window: {
      ...window,
      shorter: [{ start: SHORT, days: 14, sales: 140 }],
      byVolume: LONG,
      rangeStart: LONG,
    },
    winner: candidate(1, 'long'),
    windows: [{ start: SHORT, candidate: candidate(5, 'short') }],
    policy: { minOutOfTimeGoals: 50 },
  };
  const choose = new ChooseCandidate(
    store,
    { compareWindows: (input) => Promise.resolve(compareWindows(input, sourceOf(bytes))) },
    { trial: (_run, number) => Promise.resolve({ ...trial, trial: number }) },
  );

  it('is that of the chosen window, whose days the report and the bundle then name', async () => {
    const chosen = await choose.execute(request, new AbortController().signal);
    expect(chosen.candidate).toEqual(candidate(5, 'short'));
    expect(chosen.window).toEqual({
      ...window,
      start: SHORT,
      days: 14,
      sales: 140,
      rangeStart: LONG,
      evidence: 'fresher',
    });
    expect(chosen.comparison.compared.map(({ trial: number }) => number)).toEqual([5, 1]);
  });

  it('is judged on half b, and measured on the train rows of its window', async () => {
    const { comparison } = await choose.execute(request, new AbortController().signal);
    const judged = (changes: object) =>
      judgedFrom(judgementInput({ dataset: refOf(bytes), minOutOfTimeGoals: 50, ...changes }), bytes).report;
    const [plain, chosen] = [
      judged({}),
      judged({ windows: comparison, window: { ...window, start: SHORT } }),
    ];
    expect(plain.judging).toMatchObject({ part: 'out-of-time', rows: 400 });
    expect(chosen.judging).toMatchObject({ part: 'out-of-time', half: 'b', rows: 400 - halfA.length });
    expect(chosen.windows).toEqual(comparison);
    const fromShort = rowsOf(halved, 'train').filter(
      (row) => (halved.visitTimes[row] ?? 0) >= Date.parse(SHORT),
    );
    expect(chosen.metrics.train?.rows).toBe(fromShort.length);
    expect(plain.metrics.train?.rows).toBe(rowsOf(halved, 'train').length);
    const undecided = judged({ windows: { ...comparison, reason: 'too-few-goals' } });
    expect(undecided.judging).toMatchObject({ rows: 400 });
  });
  it('is not measured by the rows that chose the champion', () => {
    const champion = championOf(1, 0);
    const decidedOn = { start: window.trainEnd, end: window.end, half: 'a' as const };
    const judgingWith = (changes: Partial<typeof champion>) =>
      judgedFrom(
        judgementInput({
          ...{ dataset: refOf(bytes), minOutOfTimeGoals: 50 },
          champion: { ...champion, ...changes },
        }),
        bytes,
      ).report.judging;
    expect(judgingWith({})).toMatchObject({ rows: 400, leftOut: 0 });
    expect(judgingWith({ decidedOn })).toMatchObject({ rows: 400 - halfA.length, leftOut: halfA.length });
    const anchor = { ...champion, version: 'v-1', decidedOn };
    expect(judgingWith({ anchor })).toMatchObject({ leftOut: halfA.length });
  });
});
