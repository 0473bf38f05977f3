import { sendTrial } from '@factory/contracts';
import { describeKey, gridOfRun } from '@factory/domain';
import { applyOverrules, checkWithout, findingsOf, rejectionOf, type RulesOf } from '@factory/judgement';
import type { EventDraft, StageResult } from '@factory/ledger';
import { LOGISTIC_FILE } from '@factory/model';
import { putVerified, runFileKey, type ObjectStore } from '@factory/object-store';
import type { StageWork } from '@factory/stage';
import type { PlanRun } from './plan-run';
import { tableQuestion } from './table-question';

/**
 * Plans a drawn run, stores its transform and its baseline, and queues the first of its trial groups; the others are
 * queued later. Ends the run as rejected if one feature table makes the baseline too good to be true.
 */
export class QueueGroups {
  constructor(
    private readonly store: Pick<ObjectStore, 'get' | 'put'>,
    private readonly planRun: Pick<PlanRun, 'execute'>,
    private readonly rules: RulesOf,
  ) {}

  /** @throws the errors of `PlanRun.execute` and `tableQuestion`; FactoryError `no-rules`; NewerVersionError for a grid of a later release; ServerAwayError */
  async execute({
    input,
    claim,
    policy,
    seed = describeKey(input),
    signal,
    tell,
  }: StageWork<'trainer-plan'>): Promise<StageResult> {
    const grid = gridOfRun(claim.grid);
    tell('fitting the transform and planning the trials');
    const { dataset, counts, shorter: starts } = input;
    const { checks: limits } = this.rules.for(input);
    const question = await tableQuestion(this.store, input.ledger, limits);
    const asked = { dataset, grid, policy, seed, shorter: starts, question };
    const plan = await this.planRun.execute(asked, signal);
    const put = (name: string, body: string | Uint8Array) =>
      putVerified(this.store, runFileKey({ ...claim, stage: 'trainer-plan' }, name), body, {
        contentType: 'application/json',
      });
    const transform = await put('transform.json', `${JSON.stringify(plan.transform)}\n`);
    const { matrix, groups, baseline, shorter, ranking } = plan;
    const logistic = baseline.file && (await put(LOGISTIC_FILE, baseline.file));
    const findings = applyOverrules(
      findingsOf(checkWithout(ranking?.without ?? [], limits), limits),
      claim.overrules ?? [],
    );
    const output = {
      transform,
      ...(logistic && { logistic }),
      logisticFit: baseline.fit,
      logisticRanking: ranking,
      findings,
      matrix,
      search: policy.search,
      groups: groups.map((group) => group.map(({ trial }) => trial)),
      trials: groups.reduce((sum, group) => sum + group.length, 0),
      dropped: plan.transform.dropped,
    };
    const rejection = rejectionOf(input, findings);
    if (rejection) return { output, end: rejection };
    const { pool, search } = policy;
    const shared = {
      ...{ pool, dataset, transform, matrix, seed, f1: counts.f1, f0: counts.f0, search },
      ...(shorter.length > 0 ? { shorter } : {}),
    };
    const drafts = groups.map((trials, index): EventDraft => ({
      event: 'trials.queued',
      shard: `g${String(index + 1).padStart(3, '0')}`,
      pool,
      body: { ...shared, combinations: trials.map(sendTrial) },
    }));
    return {
      output,
      events: drafts.slice(0, policy.groupsInFlight),
      planned: drafts.slice(policy.groupsInFlight),
    };
  }
}
