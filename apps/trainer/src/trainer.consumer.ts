import { consumerOf, EVENTS } from '@factory/contracts';
import { describeKey, RunSkippedError } from '@factory/domain';
import { endOf, recordTrials, StageClaims, type Claim, type EventDraft } from '@factory/ledger';
import { OnConsumer, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { encodeWeights } from '@factory/model';
import { putVerified, runFileKey, type ObjectStore } from '@factory/object-store';
import { LOGGER, OBJECT_STORE, ServiceMetrics } from '@factory/service-kit';
import { StageRunner } from '@factory/stage';
import { Controller, Inject } from '@nestjs/common';
import type { Logger } from 'pino';
import { bestOf, countOutcomes, recordLostTrials, settleGroup, type GroupOutput } from './gather-trials';
import { noteLeftBehind } from './group-note';
import { PlanRun } from './plan-run';
import type { TrialOutcome } from './run-trial';
import { TrainGroup } from './train-group';

/** Pattern of the handler that takes trial groups, whatever their pool. */
export const TRIALS_PATTERN = 'trials';

/** Plans the grid of a drawn run, trains its groups, gathers them. */
@Controller()
export class TrainerConsumer {
  constructor(
    private readonly planRun: PlanRun,
    private readonly trainGroup: TrainGroup,
    private readonly runner: StageRunner,
    private readonly claims: StageClaims,
    private readonly metrics: ServiceMetrics,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @OnConsumer(consumerOf('trainer-plan').durable)
  plan(message: JetStreamMessage): Promise<HandlerOutcome> {
    return this.runner.run('trainer-plan', message, async ({ input, claim, policy, seed, signal, tell }) => {
      tell('fitting the transform and planning the trials');
      const { dataset, counts } = input;
      const drawSeed = seed ?? describeKey(input);
      const plan = await this.planRun.execute({ dataset, grid: claim.grid, policy, seed: drawSeed }, signal);
      const transform = await putVerified(
        this.store,
        runFileKey({ ...claim, stage: 'trainer-plan' }, 'transform.json'),
        `${JSON.stringify(plan.transform)}\n`,
        { contentType: 'application/json' },
      );
      const drafts = plan.groups.map((combinations, index): EventDraft => ({
        event: 'trials.queued',
        shard: `g${String(index + 1).padStart(3, '0')}`,
        pool: policy.pool,
        body: {
          pool: policy.pool,
          dataset,
          transform,
          matrix: plan.matrix,
          seed: drawSeed,
          f1: counts.f1,
          f0: counts.f0,
          combinations,
          search: policy.search,
        },
      }));
      return {
        output: {
          transform,
          matrix: plan.matrix,
          search: policy.search,
          groups: plan.groups.map((group) => group.map(({ trial }) => trial)),
          trials: plan.groups.reduce((sum, group) => sum + group.length, 0),
          dropped: plan.transform.dropped,
        },
        events: drafts.slice(0, policy.groupsInFlight),
        planned: drafts.slice(policy.groupsInFlight),
      };
    });
  }

  @OnConsumer(TRIALS_PATTERN)
  train(message: JetStreamMessage): Promise<HandlerOutcome> {
    return this.runner.run(
      'trials',
      message,
      async ({ input, claim, signal, tell }) => {
        const outcomes = await this.trainGroup.execute({
          ...input,
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
        for (const outcome of outcomes) this.count(outcome, input.matrix.rows);
        const output = await this.keep(claim, outcomes);
        const { candidate, ...counts } = output;
        this.logger.info(
          { search: input.search ?? 'grid', ...counts, best: candidate?.trial },
          'trial group trained',
        );
        return {
          output: { ...output },
          record: async (sql, header) => {
            await recordTrials(sql, header, outcomes);
            return settleGroup(sql, header, claim, input);
          },
        };
      },
      {
        settleFailed: async (sql, header, claim, error) => {
          // Too little to learn from is the run's end, not the group's.
          if (error instanceof RunSkippedError) return { end: endOf(error) };
          const input = EVENTS['trials.queued'].schema.parse(claim.input);
          await recordLostTrials(sql, header, input, error);
          return settleGroup(sql, header, claim, input, error);
        },
      },
    );
  }

  /** Uploads the weights of the group's best trial. */
  private async keep(claim: Claim, outcomes: readonly TrialOutcome[]): Promise<GroupOutput> {
    const best = bestOf(outcomes);
    const counts = countOutcomes(outcomes);
    if (!best?.weights) return { ...counts, candidate: null };
    const { trial } = best.combination;
    const weights = await putVerified(
      this.store,
      runFileKey({ ...claim, stage: 'trials' }, `trial-${trial}.weights`),
      encodeWeights(best.weights),
      { contentType: 'application/octet-stream' },
    );
    return {
      ...counts,
      candidate: {
        trial,
        weights,
        naturalValidationLogLoss: best.naturalValidationLogLoss ?? Infinity,
        parameters: best.parameters ?? 0,
      },
    };
  }

  private count({ status, epochsRun, seconds }: TrialOutcome, rows: number): void {
    const ended = {
      done: 'done',
      halted: 'stopped',
      diverged: 'failed',
      failed: 'failed',
      crashed: 'crashed',
    } as const;
    this.metrics.trialEnded(ended[status], rows * (epochsRun ?? 0), seconds ?? 0);
  }
}
