import { EVENTS, readTrial, type TrialsQueued } from '@factory/contracts';
import { RunSkippedError } from '@factory/domain';
import {
  endOf,
  recordTrials,
  type Claim,
  type RunHeader,
  type Sql,
  type StageClaims,
  type StageResult,
} from '@factory/ledger';
import { putVerified, runFileKey, type ObjectStore } from '@factory/object-store';
import type { StageWork } from '@factory/stage';
import { bestOf, countOutcomes, recordLostTrials, settleGroup, type GroupOutput } from './gather-trials';
import { noteLeftBehind } from './group-note';
import type { TrainGroup } from './train-group';
import type { TrialOutcome } from './trial-outcome';

/** Called for every trained group, before it is committed. */
export type OnGroupTrained = (
  input: TrialsQueued,
  outcomes: readonly TrialOutcome[],
  output: GroupOutput,
) => void;

/** Handles a trial group from its message to its result among the groups of the run. */
export class RunGroup {
  constructor(
    private readonly store: Pick<ObjectStore, 'put'>,
    private readonly trainGroup: Pick<TrainGroup, 'execute'>,
    private readonly claims: Pick<StageClaims, 'note'>,
    private readonly onTrained: OnGroupTrained = () => undefined,
  ) {}

  /** Trains the group, stores its best model and records its result. @throws the errors of `TrainGroup.execute` */
  async execute({ input, claim, signal, tell }: StageWork<'trials'>): Promise<StageResult> {
    const outcomes = await this.trainGroup.execute({
      ...input,
      trials: input.combinations.map(readTrial),
      signal,
      leftBehind: noteLeftBehind(claim),
      writeNote: (note) => this.claims.note(claim, note),
      onProgress: ({ trial, epoch, ...figures }) =>
        tell(epoch === undefined ? `trial ${trial} done` : `trial ${trial}, epoch ${epoch}`, {
          trial,
          ...(epoch === undefined ? {} : { epoch }),
          ...figures,
        }),
    });
    const output = await this.keepBest(claim, outcomes, input.trainFrom);
    this.onTrained(input, outcomes, output);
    return {
      output: { ...output },
      record: async (sql, header) => {
        await recordTrials(sql, header, outcomes, input.trainFrom);
        return settleGroup(sql, header, claim, input);
      },
    };
  }

  /** Called when a group is given up: its trials are recorded as failed, and the run continues without them. */
  async giveUp(sql: Sql, header: RunHeader, claim: Claim, error: unknown): Promise<Partial<StageResult>> {
    const input = EVENTS['trials.queued'].schema.parse(claim.input);
    // Too little data to learn from ends the run, not only the group; in a part of the window it says nothing of the rest.
    if (error instanceof RunSkippedError && input.trainFrom === undefined) return { end: endOf(error) };
    await recordLostTrials(sql, header, input, error);
    return settleGroup(sql, header, claim, input, error);
  }

  private async keepBest(
    claim: Claim,
    outcomes: readonly TrialOutcome[],
    trainFrom: string | undefined,
  ): Promise<GroupOutput> {
    const best = bestOf(outcomes);
    const counts = countOutcomes(outcomes);
    if (!best?.weights) return { ...counts, candidate: null };
    const { trial, naturalValidationLogLoss, parameters } = best;
    const key = runFileKey({ ...claim, stage: 'trials' }, `trial-${trial}.weights`);
    const weights = await putVerified(this.store, key, best.weights, {
      contentType: 'application/octet-stream',
    });
    const candidate = { trial, weights, naturalValidationLogLoss, parameters };
    return trainFrom === undefined
      ? { ...counts, candidate }
      : { ...counts, candidate: null, window: { start: trainFrom, candidate } };
  }
}
