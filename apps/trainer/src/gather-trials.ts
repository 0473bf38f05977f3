import { readTrial, type Candidate, type ModelTrained, type TrialsQueued } from '@factory/contracts';
import { messageOf, mostSteps, selectWinner, type Finisher } from '@factory/domain';
import {
  countTrials,
  groupStanding,
  recordGather,
  recordTrials,
  type Claim,
  type RunHeader,
  type Sql,
  type StageResult,
} from '@factory/ledger';
import { endAfter } from '@factory/stage';
import { outcomeWithoutModel, type TrialOutcome } from './trial-outcome';
import { windowGroups } from './window-groups';

/** Output of a trial group in the ledger. */
export interface GroupOutput {
  readonly trials: number;
  /** Trials that diverged, failed or crashed. */
  readonly failed: number;
  /** Trials that the search stopped because others were better. */
  readonly halted: number;
  readonly epochsTrained: number;
  /** Maximum number of epochs if each trial were trained to its end. */
  readonly epochsAtMost: number;
  /** Best trial of the group; null if none may win, and of a group on a shorter window, which is no part of the search. */
  readonly candidate: Candidate | null;
  /** The model of a group on a shorter window; absent if it has none. */
  readonly window?: NonNullable<ModelTrained['windows']>[number];
}

/** Counts the outcomes of a group's trials, and its epochs. */
export function countOutcomes(outcomes: readonly TrialOutcome[]): Omit<GroupOutput, 'candidate' | 'window'> {
  const having = (status: TrialOutcome['status']): number =>
    outcomes.filter((one) => one.status === status).length;
  const halted = having('halted');
  return {
    trials: outcomes.length,
    failed: outcomes.length - having('done') - halted,
    halted,
    epochsTrained: outcomes.reduce((sum, { epochsRun }) => sum + (epochsRun ?? 0), 0),
    epochsAtMost: outcomes.reduce((sum, one) => sum + mostSteps(one), 0),
  };
}

/** The best trial of a group, whose model is stored because it may win the run. */
export function bestOf(outcomes: readonly TrialOutcome[]): Finisher<TrialOutcome> | undefined {
  return selectWinner(outcomes);
}

/**
 * What follows a finished or failed group whose trials are recorded, decided under the run's lock (rules R13):
 * the next group is queued or, when none is open, the groups on shorter windows are, once; after those the candidates
 * are gathered. The run fails only if no trial of the search succeeded.
 */
export async function settleGroup(
  sql: Sql,
  header: RunHeader,
  claim: Claim,
  input: TrialsQueued,
  lastError?: unknown,
): Promise<Partial<StageResult>> {
  const standing = await groupStanding(sql, header.run, input.pool);
  if (standing.next) return { events: [standing.next] };
  if (standing.open > 0) return {};
  const outputs = standing.outputs as unknown as readonly GroupOutput[];
  const candidates = outputs.flatMap(({ candidate }) => (candidate ? [candidate] : []));
  if (candidates.length === 0)
    return {
      end: {
        outcome: 'failed',
        reason: 'no-trial-succeeded',
        details: {
          message: `none of the trials succeeded; ${standing.failed} groups were given up`,
          ...(lastError === undefined ? {} : { lastError: messageOf(lastError) }),
        },
      },
    };
  const onWindows = await windowGroups(sql, header, input, candidates);
  if (onWindows.length > 0) return { events: onWindows };
  const windows = outputs.flatMap(({ window }) => window ?? []);
  const { done, failed, halted } = await countTrials(sql, header.run);
  const body = {
    trialsDone: done,
    trialsFailed: failed,
    ...(halted > 0 ? { trialsHalted: halted } : {}),
    candidates,
    ...(windows.length > 0 ? { windows } : {}),
  };
  await recordGather(sql, header.run, body);
  const { events = [], end } = endAfter('training', claim, {
    output: {},
    events: [{ event: 'model.trained', shard: '0', body }],
  });
  return end ? { end } : { events };
}

/** Rows for the trials of a group that was given up. */
export async function recordLostTrials(
  sql: Sql,
  header: RunHeader,
  input: Pick<TrialsQueued, 'combinations' | 'trainFrom'>,
  cause: unknown,
): Promise<void> {
  const error = `its group was given up: ${messageOf(cause)}`;
  await recordTrials(
    sql,
    header,
    input.combinations.map((sent) => outcomeWithoutModel(readTrial(sent), 'failed', error)),
    input.trainFrom,
  );
}
