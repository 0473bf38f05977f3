import { z } from 'zod';
import {
  artefactField,
  gridField,
  instantField,
  nameField,
  outcomeField,
  poolField,
  productField,
  runField,
  searchField,
  sha256Field,
  shardField,
  untilField,
  versionField,
  windowReasonField,
} from './fields';

/** What every message of a run says first. Messages carry ids and references, never rows. */
const runHeader = {
  v: versionField,
  run: runField,
  source: nameField,
  product: productField,
  goal: nameField,
  /** The part of the stage: `0`, a trial group `g001`, or `again` for the second evaluation. */
  shard: shardField,
};

/** data-prep -> data-prep: one run is to be done. */
export const runQueued = z.object({
  ...runHeader,
  /** Absent: source's default; half-open, UTC. */
  start: instantField.optional(),
  end: instantField,
  /** Latest cut of a visit whose goals can all have come. Absent: the source has no column of cuts. */
  latestCut: instantField.optional(),
  grid: gridField,
  seed: z.string().optional(),
  until: untilField.optional(),
});

export const windowField = z.object({
  start: instantField,
  /** End of the training part, exclusive. */
  trainEnd: instantField,
  /** End of the range and of the out-of-time part, exclusive. */
  end: instantField,
  /** As in `run.queued`. */
  latestCut: instantField.optional(),
  days: z.number(),
  sales: z.number().int().nonnegative(),
  /** The source knows no times: every visit is in the training part. Absent: it does. */
  noTime: z.literal(true).optional(),
  /** Least start: where the range begins out of which the window was chosen. Absent: not recorded. */
  rangeStart: instantField.optional(),
  /** Why the window is what it is, and the threshold that its sales passed. Absent: not recorded, none. */
  reason: windowReasonField.optional(),
  passed: z.object({ days: z.number(), sales: z.number() }).optional(),
});

/** data-prep -> sampling. */
export const dataPrepared = z.object({
  ...runHeader,
  window: windowField,
  checks: artefactField,
});

export const drawnCounts = z.object({
  population: z.object({ goals: z.number().int(), others: z.number().int() }),
  drawn: z.object({ goals: z.number().int(), others: z.number().int() }),
  /** Drawn / population of the goals in the training part. */
  f1: z.number().positive(),
  f0: z.number().positive(),
  outOfTime: z.object({ goals: z.number().int(), others: z.number().int() }),
  /** Visits of both parts that are neither: a goal before their cut, no cut, or too late a one. Absent: no cut. */
  leftOut: z.number().int().nonnegative().optional(),
});

/** sampling -> trainer. */
export const sampleDrawn = z.object({
  ...runHeader,
  dataset: artefactField,
  ledger: artefactField,
  counts: drawnCounts,
});

const combinationField = z.object({
  trial: z.number().int().positive(),
  node1: z.number().int().positive(),
  node2: z.number().int().positive(),
  dropout1: z.number().min(0).lt(1),
  dropout2: z.number().min(0).lt(1),
  optimizer: z.enum(['adam', 'nadam', 'rmsprop', 'sgd']),
  learningRate: z.number().positive(),
  lrAnnealing: z.number().positive().lt(1),
  batchSize: z.number().int().positive(),
  epochs: z.number().int().positive(),
});

/** What the trials of a run share: memory is known before it is taken. */
const matrixField = z.object({
  /** Train, validation and test rows. */
  rows: z.number().int().positive(),
  /** Columns after the transform. */
  width: z.number().int().positive(),
  /** Of these, columns that are kept as codes, and how many codes a row they make. Absent: none. */
  coded: z.object({ columns: z.number().int().positive(), groups: z.number().int().positive() }).optional(),
});

/** trainer -> trainer: a group of trials, about two minutes of work at most. */
export const trialsQueued = z.object({
  ...runHeader,
  pool: poolField,
  dataset: artefactField,
  transform: artefactField,
  seed: z.string(),
  f1: z.number().positive(),
  f0: z.number().positive(),
  matrix: matrixField,
  combinations: z.array(combinationField).min(1),
  /** Absent: `grid`. With `asha` the group's trials are halved among themselves; `random` says why they are few. */
  search: searchField.optional(),
});

/** The best trial of a group: only such can win the run. */
export const candidateField = z.object({
  trial: z.number().int().positive(),
  weights: artefactField,
  naturalValidationLogLoss: z.number(),
  parameters: z.number().int().positive(),
});

/** trainer -> evaluator. */
export const modelTrained = z.object({
  ...runHeader,
  trialsDone: z.number().int().positive(),
  trialsFailed: z.number().int().nonnegative(),
  /** Stopped by the search because others did better. Absent: 0. */
  trialsHalted: z.number().int().nonnegative().optional(),
  candidates: z.array(candidateField).min(1),
});

/** evaluator -> publisher. */
export const modelEvaluated = z.object({
  ...runHeader,
  verdict: z.enum(['promote', 'keep', 'reject']),
  report: artefactField,
  scores: artefactField,
  candidate: candidateField,
  /** Champion epoch that the verdict was reached against (RULES R9). */
  judgedEpoch: z.number().int().nonnegative(),
});

/** publisher -> scorers, anyone: a version is in force. */
export const modelPublished = z.object({
  ...runHeader,
  version: z.string(),
  location: z.string(),
  manifestSha256: sha256Field,
  epoch: z.number().int().positive(),
});

/** Whoever ends a run -> anyone. */
export const runFinished = z.object({
  ...runHeader,
  outcome: outcomeField,
  reason: z.string(),
  seconds: z.number().nonnegative(),
});

export type RunQueued = z.infer<typeof runQueued>;
export type DataPrepared = z.infer<typeof dataPrepared>;
export type SampleDrawn = z.infer<typeof sampleDrawn>;
export type TrialsQueued = z.infer<typeof trialsQueued>;
export type ModelTrained = z.infer<typeof modelTrained>;
export type ModelEvaluated = z.infer<typeof modelEvaluated>;
export type ModelPublished = z.infer<typeof modelPublished>;
export type RunFinished = z.infer<typeof runFinished>;
export type Candidate = z.infer<typeof candidateField>;
export type DrawnCounts = z.infer<typeof drawnCounts>;
export type WindowMessage = z.infer<typeof windowField>;
