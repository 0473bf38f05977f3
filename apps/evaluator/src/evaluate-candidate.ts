import type { ArtefactRef, Candidate, DrawnCounts, WindowMessage } from '@factory/contracts';
import type { ModelKey, Policy, Trial } from '@factory/domain';
import type { Champion } from '@factory/ledger';
import { cutWarnings, featureMomentSchema, momentWarnings, type Report } from '@factory/model';
import { getVerified, openVerified, type ObjectStore } from '@factory/object-store';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { JudgementInput } from './judge-candidate';
import { loadChampion } from './load-champion';

const samplingLedgerSchema = z.looseObject({ featureMoment: featureMomentSchema.optional() });

/** Outputs of a run's earlier stages for its evaluation. */
export interface EvaluationInput extends ModelKey {
  readonly run: string;
  readonly window: WindowMessage;
  readonly dataset: ArtefactRef;
  /** dataset.json */
  readonly samplingLedger: ArtefactRef;
  readonly transform: ArtefactRef;
  readonly counts: DrawnCounts;
  readonly candidate: Candidate;
  /** The candidate's, with its settings. */
  readonly trial: Trial;
  readonly policy: Pick<Policy, 'minOutOfTimeGoals'>;
  /** The version in force now; undefined = none. */
  readonly champion: Champion | undefined;
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
    private readonly now: () => Date,
  ) {}

  /** @throws IntegrityError if an artefact is not what its stage wrote; ServerAwayError */
  async execute(input: EvaluationInput, putScores: PutScores, signal: AbortSignal): Promise<Judgement> {
    const { run, source, product, goal, window, counts, candidate, trial } = input;
    const loaded = input.champion && (await loadChampion(this.store, input, input.champion));
    const champion = loaded && 'version' in loaded ? loaded : null;
    const [transform, weights, ledger] = await Promise.all(
      [input.transform, candidate.weights, input.samplingLedger].map((ref) => getVerified(this.store, ref)),
    );
    const { featureMoment } = samplingLedgerSchema.parse(JSON.parse(String(ledger)));
    return this.judge.judge(
      {
        ...{ run, source, product, goal, window, counts, candidate, trial },
        minOutOfTimeGoals: input.policy.minOutOfTimeGoals,
        dataset: input.dataset,
        transform: transform as Uint8Array,
        weights: weights as Uint8Array,
        champion,
        featureMoment,
        warnings: [
          ...momentWarnings(featureMoment),
          ...(champion ? cutWarnings(featureMoment, champion) : []),
          ...(loaded && 'unreadable' in loaded ? [loaded.unreadable] : []),
        ],
        createdAt: this.now().toISOString(),
      },
      { openDataset: () => openVerified(this.store, input.dataset, signal), putScores },
      signal,
    );
  }
}
