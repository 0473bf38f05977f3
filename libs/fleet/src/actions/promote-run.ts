import type { ArtefactRef } from '@factory/contracts';
import { BadInputError, describeKey } from '@factory/domain';
import {
  Champions,
  ModelStates,
  RunRecord,
  Runs,
  inTransaction,
  judgedCandidateOf,
  lockChampion,
  lockModelState,
  reopenForPromotion,
  resolveRunId,
  sqlOf,
  type Change,
  type JudgedCandidate,
} from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import { refuseState } from '@factory/registry';
import type { FleetAccess } from '../fleet-access';

export interface PromoteRequest {
  /** Its id, or the first letters of it. */
  readonly run: string;
  /**
   * Epoch of the champion to be replaced, if it is another one than that which the verdict compared the candidate with.
   */
  readonly epoch?: number;
  readonly change: Change;
}

export interface PromotedRun {
  readonly run: string;
  /** `in-force`: its version is in force, or was, by this run. */
  readonly result: 'asked' | 'already-asked' | 'in-force';
  /** Epoch of the champion that is replaced; 0: none is in force. */
  readonly epoch: number;
}

/**
 * Asks the publisher to put the candidate of an ended run in force, although the verdict said no. It takes the way of
 * every promoted candidate: `factory runs show` tells how it ends.
 *
 * @throws BadInputError `unknown-run`, `ambiguous-run`, `no-candidate`, `candidate-gone`, `champion-changed`,
 *   `model-held`, `model-retired`, `run-not-promotable`, `already-running`; ServerAwayError
 */
export async function promoteRun(
  { ledger, codeVersion, announce }: FleetAccess,
  store: Pick<ObjectStore, 'head'>,
  { run: named, epoch: asked, change }: PromoteRequest,
): Promise<PromotedRun> {
  const run = await resolveRunId(ledger, named);
  const found = await new Runs(ledger, codeVersion).find(run);
  const champion = await new Champions(ledger).find(found);
  if (found.outcome === 'published' && champion?.run === run && champion.state?.state !== 'retired')
    return { run, result: 'in-force', epoch: champion.epoch };
  refuseState(found, await new ModelStates(ledger).find(found));
  const judged = await judgedCandidateOf(sqlOf(ledger), run);
  if (!judged)
    throw new BadInputError('no-candidate', {
      field: 'run',
      value: run,
      todo: `choose a run that was judged: this one ended ${found.outcome ?? 'not yet'} (${found.reason ?? found.stage})`,
    });
  await refuseGone(ledger, store, run, judged);
  const { events, epoch } = await inTransaction(ledger, async (sql) => {
    // Run, state, champion: in the order in which the publisher locks them.
    const [row] = await sql.rows('SELECT outcome FROM factory_run WHERE run_id = ? FOR UPDATE', [run]);
    refuseState(found, await lockModelState(sql, found));
    const current = (await lockChampion(sql, found))?.epoch ?? 0;
    const seen = asked ?? judged.evaluated.judgedEpoch;
    if (current !== seen && row?.['outcome'] !== null)
      throw new BadInputError('champion-changed', {
        field: 'epoch',
        value: seen,
        todo:
          `look at the version in force with \`factory models --product ${found.product}\`, and ask again with ` +
          `--epoch ${current} if ${describeKey(found)} is to be replaced: another one is in force than the candidate ` +
          'was compared with',
      });
    return { events: await reopenForPromotion(sql, run, judged, current, change), epoch: current };
  });
  await announce(events);
  return { run, result: events.length > 0 ? 'asked' : 'already-asked', epoch };
}

/** @throws BadInputError `candidate-gone` naming the files that are not in the store any more */
async function refuseGone(
  ledger: FleetAccess['ledger'],
  store: Pick<ObjectStore, 'head'>,
  run: string,
  { evaluated }: JudgedCandidate,
): Promise<void> {
  const { dataset, samplingLedger, transform, profile } = await new RunRecord(ledger).forEvaluation(run);
  const needed: readonly ArtefactRef[] = [
    ...[evaluated.report, evaluated.scores, evaluated.candidate.weights],
    ...[dataset, samplingLedger, transform],
    ...(profile ? [profile] : []),
  ];
  const gone: string[] = [];
  for (const { key, bytes } of needed) if ((await store.head(key))?.bytes !== bytes) gone.push(key);
  if (gone.length === 0) return;
  throw new BadInputError('candidate-gone', {
    field: 'run',
    value: gone,
    todo: 'start a new run: these files of this one are not in the store any more',
  });
}
