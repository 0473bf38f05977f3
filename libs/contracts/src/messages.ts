import { z } from 'zod';
import {
  artefactField,
  datasetVersionField,
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
import { sentTrialField } from './sent-trial';

/** Header fields of every message of a run. Messages carry ids and references, never rows. */
const runHeader = {
  /** Version of the message. */
  v: versionField,
  /** The run that the message is about. */
  run: runField,
  /** Source of `sources.yaml`. */
  source: nameField,
  /** The product's id in its source. */
  product: productField,
  /** Goal of the source. */
  goal: nameField,
  /** Part of the stage's work: `0`, a trial group `g001`, one on a shorter window `w001`, or `again` for the second evaluation. */
  shard: shardField,
};

/** The same for messages that refer to a dataset. */
const datasetHeader = { ...runHeader, v: datasetVersionField };

/** data-prep -> data-prep: a run to be done. */
export const runQueued = z.object({
  ...runHeader,
  /** Start of the range, inclusive, UTC. Absent: the source's default. */
  start: instantField.optional(),
  /** End of the range, exclusive. */
  end: instantField,
  /**
   * Latest cut of a visit whose goals can all have occurred by now. Absent: the source has no column of cuts.
   */
  latestCut: instantField.optional(),
  /** Which combinations are trained. */
  grid: gridField,
  /** Seed of the draw. Absent: fixed for source, product and goal. */
  seed: z.string().optional(),
  /** The run ends after this stage, and nothing is published. Absent: the run goes to its end. */
  until: untilField.optional(),
  /** Most training windows to be trained and compared (rules R1). Absent: one, chosen by the sales volume. */
  compare: z.number().int().min(2).optional(),
});

/** A training window that is compared with a longer one; both end at the same instant. */
const shorterWindowField = z.object({
  /** First instant of the training part. */
  start: instantField,
  /** Length of the training part. */
  days: z.number(),
  /** Visits of the training part that reached the goal. */
  sales: z.number().int().nonnegative(),
});

export const windowField = z.object({
  /** First instant of the training part. */
  start: instantField,
  /** End of the training part, exclusive. */
  trainEnd: instantField,
  /** End of the range and of the out-of-time part, exclusive. */
  end: instantField,
  /** As in `run.queued`. */
  latestCut: instantField.optional(),
  /** Length of the training part. */
  days: z.number(),
  /** Visits of the training part that reached the goal. */
  sales: z.number().int().nonnegative(),
  /** The source has no visit times: every visit is in the training part. Absent: it has. */
  noTime: z.literal(true).optional(),
  /** Earliest possible start: where the range begins from which the window was chosen. Absent: not recorded. */
  rangeStart: instantField.optional(),
  /**
   * Why the window was chosen, and the threshold that its sales passed. Absent: not recorded, or none passed.
   */
  reason: windowReasonField.optional(),
  passed: z.object({ days: z.number(), sales: z.number() }).optional(),
  /** Shorter windows that are trained and compared with this one (rules R1), the shortest first. Absent: none. */
  shorter: z.array(shorterWindowField).min(1).optional(),
  /** Start of the window that the sales volume chooses: of this one or of a shorter one. Absent: none is compared. */
  byVolume: instantField.optional(),
  /** Why this one of several windows was trained on (rules R1). Absent: there was one, or it is not decided yet. */
  evidence: z.string().optional(),
  /** Why windows are not compared although that was asked for. Absent: they are, or it was not. */
  notCompared: z.string().optional(),
});

/** data-prep -> sampling. */
export const dataPrepared = z.object({
  ...runHeader,
  /** Which days are trained on. */
  window: windowField,
  /** `checks.json`: what the input check found. */
  checks: artefactField,
});

export const drawnCountsField = z.object({
  /** Visits of the training part in the source. */
  population: z.object({ goals: z.number().int(), others: z.number().int() }),
  /** Visits of the training part that were drawn. */
  drawn: z.object({ goals: z.number().int(), others: z.number().int() }),
  /** Drawn / population of the goals in the training part. */
  f1: z.number().positive(),
  /** Drawn / population of the other visits. */
  f0: z.number().positive(),
  /** Visits drawn into the out-of-time part. */
  outOfTime: z.object({ goals: z.number().int(), others: z.number().int() }),
  /**
   * Visits of both parts that count as neither: a goal before their cut, no cut, or a cut that is too late.
   * Absent: the source has no cuts.
   */
  leftOut: z.number().int().nonnegative().optional(),
});

/** sampling -> trainer. */
export const sampleDrawn = z.object({
  ...datasetHeader,
  /** `dataset.arrow`: one row per visit. */
  dataset: artefactField,
  /** `dataset.json`: SQL, seed, counts and fractions. */
  ledger: artefactField,
  /** How many visits exist and how many were drawn. */
  counts: drawnCountsField,
  /** Starts of shorter training windows to be compared, in any order (rules R1). Absent: none. */
  shorter: z.array(instantField).min(1).optional(),
});

/**
 * Size of the training matrix, which the trials of a run share: the memory needed is known before it is
 * allocated.
 */
const matrixField = z.object({
  /** Train, validation and test rows. */
  rows: z.number().int().positive(),
  /** Columns after the transform. */
  width: z.number().int().positive(),
  /** How many of these columns are kept as codes, and how many codes per row they make. Absent: none. */
  coded: z.object({ columns: z.number().int().positive(), groups: z.number().int().positive() }).optional(),
});

/** trainer -> trainer: a group of trials, at most about two minutes of work. */
export const trialsQueued = z.object({
  ...datasetHeader,
  /** The pool of trainers that does the work. */
  pool: poolField,
  /** `dataset.arrow`. */
  dataset: artefactField,
  /** `transform.json`, fitted once for all trials. */
  transform: artefactField,
  /** Seed of weights, order of rows and dropout. */
  seed: z.string(),
  /** Fraction of the goals that was drawn. */
  f1: z.number().positive(),
  /** Fraction of the other visits that was drawn. */
  f0: z.number().positive(),
  /** Size of the transformed rows. */
  matrix: matrixField,
  /** The combinations to train, one trial each. Two forms: one is sent, both are read. */
  combinations: z.array(sentTrialField).min(1),
  /**
   * Absent: `grid`. `asha`: the trials are halved within the group. `random`: the trials are a subset of the
   * grid.
   */
  search: searchField.optional(),
  /**
   * Shorter training windows, on each of which the winner's settings are trained once all groups have ended: the start
   * and the rows of its matrix. Absent: none.
   */
  shorter: z
    .array(z.object({ start: instantField, rows: z.number().int().positive() }))
    .min(1)
    .optional(),
  /** Train and validation rows before this instant are left out. Absent: none are. */
  trainFrom: instantField.optional(),
});

/** The best trial of a group: only these can win the run. */
export const candidateField = z.object({
  /** Number of the trial in its run. */
  trial: z.number().int().positive(),
  /** Its weights, without the prior shift. */
  weights: artefactField,
  /** Log-loss of the validation rows at the natural base rate, nats. */
  naturalValidationLogLoss: z.number(),
  /** Number of weights and biases. */
  parameters: z.number().int().positive(),
});

/** trainer -> evaluator. */
export const modelTrained = z.object({
  ...datasetHeader,
  /** Trials that were trained to their end. */
  trialsDone: z.number().int().positive(),
  /** Trials that failed, crashed or diverged. */
  trialsFailed: z.number().int().nonnegative(),
  /** Trials that the search stopped because others did better. Absent: 0. */
  trialsHalted: z.number().int().nonnegative().optional(),
  /** The best of each group. */
  candidates: z.array(candidateField).min(1),
  /** The winner's settings trained on shorter windows (rules R1). Absent: none. */
  windows: z
    .array(z.object({ start: instantField, candidate: candidateField }))
    .min(1)
    .optional(),
});

const promotedByField = z.object({
  /** Name of the person. */
  who: z.string(),
  /** In the person's words. */
  reason: z.string(),
  /** What the verdict had said. */
  verdict: z.string(),
  /** The rule that had decided it. */
  decisive: z.string(),
});

/** evaluator, or a person who overrules it -> publisher. */
export const modelEvaluated = z.object({
  ...datasetHeader,
  /** What happens to the candidate. */
  verdict: z.enum(['promote', 'keep', 'reject']),
  /** `report.json`. */
  report: artefactField,
  /** `scores.arrow`: the candidate's score of each row of the dataset. */
  scores: artefactField,
  /** The winner. */
  candidate: candidateField,
  /** Champion epoch that the verdict refers to (rules R9). */
  judgedEpoch: z.number().int().nonnegative(),
  /** A person wants the candidate although the verdict did not. Absent: the verdict decides. */
  promotedBy: promotedByField.optional(),
});

/** publisher -> scorers, anyone: a version is now in force. */
export const modelPublished = z.object({
  ...runHeader,
  /** The version now in force. */
  version: z.string(),
  /** `s3://` URL of its folder, for people. */
  location: z.string(),
  /** Hash of `manifest.json`, which lists the hashes of all other files. */
  manifestSha256: sha256Field,
  /** Incremented with every change of champion. */
  epoch: z.number().int().positive(),
});

/** A person -> scorers, anyone: no version of the model is in force any more. */
export const modelRetired = z.object({
  ...runHeader,
  /** The version that was in force. */
  version: z.string(),
  /** Incremented with every change of what is in force. */
  epoch: z.number().int().positive(),
  /** Why, in the words of who retired it. */
  reason: z.string(),
});

/** Any service that ends a run -> anyone. */
export const runFinished = z.object({
  ...runHeader,
  /** How the run ended. */
  outcome: outcomeField,
  /** Why, as a word or a sentence. */
  reason: z.string(),
  /** From the request to the end. */
  seconds: z.number().nonnegative(),
});

export type RunQueued = z.infer<typeof runQueued>;
export type DataPrepared = z.infer<typeof dataPrepared>;
export type SampleDrawn = z.infer<typeof sampleDrawn>;
export type TrialsQueued = z.infer<typeof trialsQueued>;
export type ModelTrained = z.infer<typeof modelTrained>;
export type ModelEvaluated = z.infer<typeof modelEvaluated>;
export type ModelPublished = z.infer<typeof modelPublished>;
export type ModelRetired = z.infer<typeof modelRetired>;
export type RunFinished = z.infer<typeof runFinished>;
export type Candidate = z.infer<typeof candidateField>;
export type DrawnCounts = z.infer<typeof drawnCountsField>;
export type WindowMessage = z.infer<typeof windowField>;
