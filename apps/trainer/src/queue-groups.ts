import { sendTrial } from '@factory/contracts';
import { describeKey, gridOfRun } from '@factory/domain';
import type { EventDraft, StageResult } from '@factory/ledger';
import { LOGISTIC_FILE } from '@factory/model';
import { putVerified, runFileKey, type ObjectStore } from '@factory/object-store';
import type { StageWork } from '@factory/stage';
import type { PlanRun } from './plan-run';

/** Plans a drawn run, stores its transform and its baseline, and queues the first of its trial groups; the others are queued later. */
export class QueueGroups {
  constructor(
    private readonly store: Pick<ObjectStore, 'put'>,
    private readonly planRun: Pick<PlanRun, 'execute'>,
  ) {}

  /** @throws the errors of `PlanRun.execute`; NewerVersionError for a grid of a later release; ServerAwayError */
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
    const plan = await this.planRun.execute({ dataset, grid, policy, seed, shorter: starts }, signal);
    const put = (name: string, body: string | Uint8Array) =>
      putVerified(this.store, runFileKey({ ...claim, stage: 'trainer-plan' }, name), body, {
        contentType: 'application/json',
      });
    const transform = await put('transform.json', `${JSON.stringify(plan.transform)}\n`);
    const { matrix, groups, baseline, shorter } = plan;
    const logistic = baseline.file && (await put(LOGISTIC_FILE, baseline.file));
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
      output: {
        transform,
        ...(logistic && { logistic }),
        logisticFit: baseline.fit,
        matrix,
        search,
        groups: groups.map((group) => group.map(({ trial }) => trial)),
        trials: groups.reduce((sum, group) => sum + group.length, 0),
        dropped: plan.transform.dropped,
      },
      events: drafts.slice(0, policy.groupsInFlight),
      planned: drafts.slice(policy.groupsInFlight),
    };
  }
}
