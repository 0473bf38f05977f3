import { codeOf, messageOf, STAGES, type Stage } from '@factory/domain';
import type { Claim } from '@factory/ledger';
import type { ProgressPublisher } from '@factory/messaging';
import { withLogFields, type ServiceMetrics } from '@factory/service-kit';
import type { Logger } from 'pino';
import type { StageObserver } from './stage-observer';

/** Logs, metrics and progress messages of a service's stages. */
export class ServiceObserver implements StageObserver {
  constructor(
    private readonly logger: Logger,
    private readonly metrics: ServiceMetrics,
    private readonly progress: ProgressPublisher,
    private readonly now: () => Date = () => new Date(),
  ) {}

  started(claim: Claim): (outcome: string, error?: unknown) => void {
    const started = performance.now();
    const fields = fieldsOf(claim);
    this.logger.info({ ...fields, token: claim.token, attempt: claim.attempt }, 'claimed');
    this.tell(claim, 'started', {}, true);
    return (outcome, error) => {
      const seconds = (performance.now() - started) / 1000;
      this.metrics.stageEnded(claim.stage, outcome, seconds);
      const failed = error === undefined ? {} : { code: codeOf(error), err: error };
      const text = error === undefined ? outcome : `${outcome}: ${messageOf(error)}`;
      this.logger[error === undefined ? 'info' : 'warn']({ ...fields, ...failed, seconds }, text);
      this.tell(claim, outcome, {}, true);
    };
  }

  within<T>(claim: Claim, work: () => Promise<T>): Promise<T> {
    return withLogFields(fieldsOf(claim), work);
  }

  tell(claim: Claim, doing: string, figures: Readonly<Record<string, number>> = {}, always = false): void {
    const stage = STAGES.find((one): one is Stage => one === claim.stage);
    if (!stage) return;
    this.progress.publish({ run: claim.run, stage, at: this.now().toISOString(), doing, ...figures }, always);
  }
}

function fieldsOf(claim: Claim): { run: string; stage: string; shard: string } {
  return { run: claim.run, stage: claim.stage, shard: claim.shard };
}
