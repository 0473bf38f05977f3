import type { ArtefactRef } from '@factory/contracts';
import { encodeDataset } from '@factory/dataset';
import {
  hashFraction,
  MARKS,
  markOf,
  rowsOf,
  sigmoid,
  type Column,
  type Dataset,
  type ModelKey,
} from '@factory/domain';
import { DEFAULT_CHECK_LIMITS, DEFAULT_VERDICT_RULES } from '@factory/judgement';
import { NetworkModel } from '@factory/model';
import { fitTransform, type FitOptions, type Transform } from '@factory/normalisation';
import { sha256Of, type ByteSource } from '@factory/object-store';
import { Readable } from 'node:stream';
import type { Judge } from './evaluate-candidate';
import { judgeCandidate } from './judge-candidate';
import type { JudgementInput, LoadedChampion } from './judgement-input';

export const key: ModelKey = { source: 'main', product: 7, goal: 'sale' };
const DAY_MS = 86_400_000;
const START = Date.parse('2023-01-01T00:00:00Z');
/** Of the dataset below: 40 days to learn from, 10 out of time. */
export const window = {
  start: '2023-01-01T00:00:00.000Z',
  trainEnd: '2023-02-10T00:00:00.000Z',
  end: '2023-02-20T00:00:00.000Z',
  days: 40,
  sales: 400,
};

/** 2,000 visits, 40 a day, whose odds of a sale grow with their basket; goals weigh 1, others 10. */
export const dataset: Dataset = syntheticDataset(2_000);
const trainRows = rowsOf(dataset, 'train');

function syntheticDataset(rows: number): Dataset {
  const all = Array.from({ length: rows }, (_, row) => row);
  const chance = (salt: string, row: number): number => hashFraction(salt, String(row));
  const basket = all.map((row) => 50 + 40 * (chance('basket', row) + chance('more', row) - 1));
  const labels = all.map((row) => Number(chance('sale', row) < sigmoid(((basket[row] ?? 0) - 50) / 10)));
  const features: Column[] = [
    { kind: 'number', name: 'basket', values: Float32Array.from(basket) },
    { kind: 'number', name: 'noise', values: Float32Array.from(all, (row) => chance('noise', row)) },
  ];
  const day = (row: number): number => Math.floor(row / 40);
  return {
    rows,
    features,
    visitIds: all.map((row) => `v${row}`),
    visitorIds: all.map((row) => `w${row}`),
    visitTimes: Float64Array.from(all, (row) => START + day(row) * DAY_MS),
    labels: Uint8Array.from(labels),
    marks: Uint8Array.from(all, (row) =>
      MARKS.indexOf(day(row) >= 40 ? 'out-of-time' : markOf(chance('mark', row))),
    ),
    weights: Float64Array.from(labels, (label) => (label === 1 ? 1 : 10)),
  };
}

/** The dataset without the rows of some mark. */
export function without(...marks: readonly (typeof MARKS)[number][]): Dataset {
  const rows = Array.from(dataset.marks.keys()).filter(
    (row) => !marks.some((mark) => MARKS.indexOf(mark) === dataset.marks[row]),
  );
  return {
    rows: rows.length,
    features: dataset.features.map((column) =>
      column.kind === 'number'
        ? { ...column, values: Float32Array.from(rows, (row) => column.values[row] ?? NaN) }
        : { ...column, codes: Int32Array.from(rows, (row) => column.codes[row] ?? -1) },
    ),
    visitIds: rows.map((row) => dataset.visitIds[row] ?? ''),
    visitorIds: rows.map((row) => dataset.visitorIds[row] ?? ''),
    visitTimes: Float64Array.from(rows, (row) => dataset.visitTimes[row] ?? NaN),
    labels: Uint8Array.from(rows, (row) => dataset.labels[row] ?? 0),
    marks: Uint8Array.from(rows, (row) => dataset.marks[row] ?? 0),
    weights: Float64Array.from(rows, (row) => dataset.weights[row] ?? 0),
  };
}

/** Transform of the dataset's columns, as the trainer fits it. */
export function transformOf(options?: FitOptions): Transform {
  return fitTransform(dataset.features, trainRows, options);
}

/** Logit = slope x scaled basket + bias; the other input is not looked at. */
export function basketNetwork(slope: number, bias = 0): NetworkModel {
  const kernel = Float32Array.of(slope, 0);
  return new NetworkModel({
    layers: [{ kernel, bias: Float32Array.of(bias), inputs: 2, units: 1, activation: 'sigmoid' }],
  });
}

/** A model as it goes to the thread that judges. */
export function asLoaded(model: NetworkModel): Pick<LoadedChampion, 'family' | 'model'> {
  return { family: model.family, model: model.encode() };
}

/** A champion with a transform of its own kind: inputs divided by their largest value. */
export function championOf(slope: number, bias: number, learned = window): LoadedChampion {
  const { start, trainEnd, end } = learned;
  return {
    ...{ version: 'v0', manifestSha256: '0'.repeat(64), since: '2023-02-20T04:00:00.000Z', anchor: null },
    ...{ window: { start, trainEnd, end }, ...asLoaded(basketNetwork(slope, bias)) },
    transform: transformOf({ scaler: 'maxabs' }),
  };
}

/** Bytes in memory as a source. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  let at = 0;
  return {
    read: (into) => {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      at += part.length;
      return part.length;
    },
  };
}

export function refOf(bytes: Uint8Array): ArtefactRef {
  return { key: 'runs/dataset.arrow', sha256: sha256Of(bytes), bytes: bytes.length };
}

/** Judges on the thread that asks. */
export const judgeHere: Judge = {
  judge: async (input, { openDataset, putScores }) => {
    const parts: Uint8Array[] = [];
    for await (const part of await openDataset()) parts.push(part as Uint8Array);
    const { report, scores } = judgedFrom(input, Buffer.concat(parts));
    return { report, scores: await putScores(Readable.from([scores])) };
  },
};

/** What `judgeCandidate` makes of a whole file; scoring a row takes a quarter of a millisecond. */
export function judgedFrom(input: JudgementInput, bytes: Uint8Array) {
  const chunks: Buffer[] = [];
  let milliseconds = 0;
  const report = judgeCandidate(input, sourceOf(bytes), {
    writeScores: (chunk) => chunks.push(Buffer.from(chunk)),
    clock: () => (milliseconds += 0.25),
  });
  return { report, scores: Buffer.concat(chunks) };
}

/** All that a judgement of a good candidate rests on: drawn 1 in 10 of the other visits. */
export function judgementInput(changes: Partial<JudgementInput> = {}): JudgementInput {
  const file = { key: 'runs/x', sha256: 'a'.repeat(64), bytes: 1 };
  return {
    ...key,
    run: '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111',
    window,
    counts: {
      population: { goals: 1_000, others: 10_000 },
      drawn: { goals: 1_000, others: 1_000 },
      f1: 1,
      f0: 0.1,
      outOfTime: { goals: 100, others: 100 },
    },
    candidate: { trial: 3, weights: file, naturalValidationLogLoss: 0.2, parameters: 3 },
    trial: {
      trial: 3,
      family: 'network',
      settings: {
        node1: 64,
        node2: 32,
        dropout1: 0.2,
        dropout2: 0.2,
        optimizer: 'adam',
        learningRate: 0.001,
        lrAnnealing: 0.1,
        batchSize: 256,
        epochs: 50,
      },
    },
    minOutOfTimeGoals: 100,
    repair: 'auto',
    repairGoals: 2_000,
    rules: DEFAULT_VERDICT_RULES,
    checks: DEFAULT_CHECK_LIMITS,
    dataset: refOf(encodeDataset(dataset)),
    transform: Buffer.from(JSON.stringify(transformOf())),
    weights: basketNetwork(1.5).encode(),
    logistic: null,
    champion: null,
    held: false,
    overrules: [],
    dataChecks: [],
    warnings: [],
    createdAt: '2023-02-20T03:00:00.000Z',
    ...changes,
  };
}
