import type { ServiceMetrics } from '@factory/service-kit';
import type { Logger } from 'pino';
import type { OnGroupTrained } from './run-group';
import type { TrialOutcome } from './trial-outcome';

const ENDED_AS = {
  done: 'done',
  halted: 'stopped',
  diverged: 'failed',
  failed: 'failed',
  crashed: 'crashed',
} as const satisfies Record<TrialOutcome['status'], string>;

/** Counts the trials of a group in the metrics and logs its result. */
export function reportGroup(metrics: ServiceMetrics, logger: Logger): OnGroupTrained {
  return ({ search = 'grid', matrix }, outcomes, { candidate, ...counts }) => {
    for (const { status, epochsRun, seconds } of outcomes)
      metrics.trialEnded(ENDED_AS[status], matrix.rows * (epochsRun ?? 0), seconds ?? 0);
    logger.info({ search, ...counts, best: candidate?.trial }, 'trial group trained');
  };
}
