import type { ArtefactRef, Candidate, DrawnCounts, WindowMessage } from '@factory/contracts';
import type { ModelKey, Trial } from '@factory/domain';
import { readFindings, type Overrule, type RulesOf } from '@factory/judgement';
import type { Champion } from '@factory/ledger';
import {
  cutWarnings,
  featureMomentSchema,
  momentWarnings,
  type Report,
  type WindowComparison,
} from '@factory/model';
import { getVerified, openVerified, type ObjectStore } from '@factory/object-store';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { JudgementInput, JudgingPolicy } from './judgement-input';
import { loadChampion } from './load-champion';

const samplingLedgerSchema = z.looseObject({ featureMoment: featureMomentSchema.optional() });
const dataChecksSchema = z.looseObject({ findings: z.unknown() });

/** Outputs of a run's earlier stages for its evaluation. */
export interface EvaluationInput extends ModelKey {
  readonly run: string;
  /** What the candidate was trained on. */
  readonly window: WindowMessage;
  /** How that window was chosen among several; undefined: there was one. */
  readonly windows?: WindowComparison | undefined;
  readonly dataset: ArtefactRef;
  /** dataset.json */
  readonly samplingLedger: ArtefactRef;
  readonly transform: ArtefactRef;
  /** Logistic regression on the same transform; absent in runs of releases that fitted none. */
  readonly logistic?: ArtefactRef | undefined;
  /** data-checks.json; absent in runs of releases that made none. */
  readonly dataChecks?: ArtefactRef | undefined;
  /** Findings of data-prep, as stored; undefined if a release without them prepared the run. */
  readonly dayFindings?: unknown;
  /** Findings of the trainer's plan, as stored. */
  readonly tableFindings?: unknown;
  readonly counts: DrawnCounts;
  readonly candidate: Candidate;
  /** The candidate's, with its settings. */
  readonly trial: Trial;
  readonly policy: JudgingPolicy;
  /** The version in force now; undefined = none. */
  readonly champion: Champion | undefined;
  /** Somebody holds it. */
  readonly held: boolean;
  /** Checks that a person has decided not to stop this run. */
  readonly overrules: readonly Overrule[];
}

export interface Judgement {
  readonly report: Report;
  /** scores.arrow */
  readonly scores: ArtefactRef;
}

/** The files with a row for each visit: they are read and written as streams. */
export interface JudgementFiles {
  /** Opens dataset.arrow, verified. */
  readonly openDataset: () => Promise<Readable>;
  readonly putScores: PutScores;
}

/** Writes scores.arrow to the run's files. */
export type PutScores = (chunks: AsyncIterable<Uint8Array>) => Promise<ArtefactRef>;

/** Judges on a separate thread: `judgeCandidate`. */
export interface Judge {
  judge(input: JudgementInput, files: JudgementFiles, signal: AbortSignal): Promise<Judgement>;
}

/** Evaluates a candidate from the verified artefacts of its run. */
export class EvaluateCandidate {
  constructor(
    private readonly store: Pick<ObjectStore, 'get' | 'getStream'>,
    private readonly judge: Judge,
    private readonly rules: RulesOf,
    private readonly now: () => Date,
  ) {}

  /** @throws IntegrityError if an artefact is not what its stage wrote; ServerAwayError */
  async execute(input: EvaluationInput, putScores: PutScores, signal: AbortSignal): Promise<Judgement> {
    const { run, source, product, goal, window, counts, candidate, trial, held, overrules } = input;
    const { champion, warnings } = input.champion
      ? await loadChampion(this.store, input, input.champion)
      : { champion: null, warnings: [] };
    const read = (ref: ArtefactRef) => getVerified(this.store, ref);
    const [transform, weights, ledger, logistic, dataChecks] = await Promise.all([
      ...[input.transform, candidate.weights, input.samplingLedger].map(read),
      input.logistic && read(input.logistic),
      input.dataChecks && read(input.dataChecks),
    ]);
    const { featureMoment } = samplingLedgerSchema.parse(JSON.parse(String(ledger)));
    const { verdict: rules, checks } = this.rules.for(input);
    const { minOutOfTimeGoals, repair, repairGoals } = input.policy;
    return this.judge.judge(
      {
        ...{ run, source, product, goal, window, counts, candidate, trial, held, overrules, rules, checks },
        ...{ minOutOfTimeGoals, repair, repairGoals },
        windows: input.windows,
        dataset: input.dataset,
        transform: transform as Uint8Array,
        weights: weights as Uint8Array,
        logistic: logistic ? { family: 'logistic', model: logistic } : null,
        champion,
        featureMoment,
        dataChecks: [
          ...readFindings(input.dayFindings),
          ...readFindings(dataChecks && dataChecksSchema.parse(JSON.parse(String(dataChecks))).findings),
          ...readFindings(input.tableFindings),
        ],
        warnings: [
          ...momentWarnings(featureMoment),
          ...(champion ? cutWarnings(featureMoment, champion) : []),
          ...warnings,
        ],
        createdAt: this.now().toISOString(),
      },
      { openDataset: () => openVerified(this.store, input.dataset, signal), putScores },
      signal,
    );
  }
}
