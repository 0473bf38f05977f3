import { sendTrial, type Candidate, type TrialsQueued } from '@factory/contracts';
import { FactoryError, selectWinner, trialIn } from '@factory/domain';
import {
  findTrial,
  hasGroups,
  highestTrial,
  type EventDraft,
  type RunHeader,
  type Sql,
} from '@factory/ledger';

/** Beginning of the shards of groups that train the winner's settings on a shorter window. */
const WINDOW_SHARDS = 'w';

/**
 * The groups that train the winner's settings once more on each shorter window (rules R1), one trial each, with numbers
 * after those of the search; none if there are no such windows, or the groups exist. Call under the run's lock, when all
 * groups of the search have ended.
 *
 * @param candidates of those groups, at least one
 */
export async function windowGroups(
  sql: Sql,
  { run }: RunHeader,
  { shorter = [], ...input }: TrialsQueued,
  candidates: readonly Candidate[],
): Promise<EventDraft[]> {
  if (shorter.length === 0 || (await hasGroups(sql, run, WINDOW_SHARDS))) return [];
  const winner = selectWinner(candidates.map((one) => ({ ...one, status: 'done' as const })));
  const found = winner && (await findTrial(sql, run, winner.trial));
  if (!found) throw new FactoryError('no-candidate', `run ${run} has no row of its best trial`, false);
  const next = (await highestTrial(sql, run)) + 1;
  const { pool, dataset, transform, seed, f1, f0, matrix } = input;
  return shorter.map(({ start, rows }, at): EventDraft => {
    const trial = sendTrial({ ...trialIn(found), trial: next + at });
    return {
      event: 'trials.queued',
      shard: `${WINDOW_SHARDS}${String(at + 1).padStart(3, '0')}`,
      pool,
      body: {
        ...{ pool, dataset, transform, seed, f1, f0 },
        matrix: { ...matrix, rows },
        combinations: [trial],
        trainFrom: start,
      },
    };
  });
}
