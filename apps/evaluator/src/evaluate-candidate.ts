import type { ArtefactRef, Candidate, DrawnCounts, WindowMessage } from '@factory/contracts';
import type { Combination, ModelKey, Policy } from '@factory/domain';
import { getVerified, type ObjectStore } from '@factory/object-store';
import type { Champion } from '@factory/sql';
import type { Judgement, JudgementInput } from './judge-candidate';
import { loadChampion } from './load-champion';

/** What a run's earlier stages left for its evaluation. */
export interface EvaluationInput extends ModelKey {
  readonly run: string;
  readonly window: WindowMessage;
  readonly dataset: ArtefactRef;
  readonly transform: ArtefactRef;
  readonly counts: DrawnCounts;
  readonly candidate: Candidate;
  readonly combination: Combination;
  readonly policy: Pick<Policy, 'minOutOfTimeGoals'>;
  /** The version in force now; undefined = none. */
  readonly champion: Champion | undefined;
}

/** Judges on a thread of its own: `judgeCandidate`. */
export interface Judge {
  judge(input: JudgementInput, signal: AbortSignal): Promise<Judgement>;
}

/** Reads what a judgement rests on, every byte verified, and has it judged. */
export class EvaluateCandidate {
  constructor(
    private readonly store: Pick<ObjectStore, 'get'>,
    private readonly judge: Judge,
    private readonly now: () => Date,
  ) {}

  /** @throws IntegrityError when an artefact is not what its stage wrote; ServerAwayError */
  async execute(input: EvaluationInput, signal: AbortSignal): Promise<Judgement> {
    const { run, source, product, goal, window, counts, candidate, combination } = input;
    const loaded = input.champion && (await loadChampion(this.store, input, input.champion));
    const champion = loaded && 'version' in loaded ? loaded : null;
    const [dataset, transform, weights] = await Promise.all(
      [input.dataset, input.transform, candidate.weights].map((ref) => getVerified(this.store, ref)),
    );
    return this.judge.judge(
      {
        ...{ run, source, product, goal, window, counts, candidate, combination },
        minOutOfTimeGoals: input.policy.minOutOfTimeGoals,
        dataset: dataset as Uint8Array,
        transform: transform as Uint8Array,
        weights: weights as Uint8Array,
        champion,
        warnings: loaded && 'unreadable' in loaded ? [loaded.unreadable] : [],
        createdAt: this.now().toISOString(),
      },
      signal,
    );
  }
}
