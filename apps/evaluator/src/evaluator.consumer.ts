import { consumerOf } from '@factory/contracts';
import { OnConsumer, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { StageRunner } from '@factory/stage';
import { Controller } from '@nestjs/common';
import { EvaluateRun } from './evaluate-run';

/** Picks a run's winner and judges it against the version in force. */
@Controller()
export class EvaluatorConsumer {
  constructor(
    private readonly evaluateRun: EvaluateRun,
    private readonly runner: StageRunner,
  ) {}

  @OnConsumer(consumerOf('evaluator').durable)
  judge(message: JetStreamMessage): Promise<HandlerOutcome> {
    return this.runner.run('evaluator', message, (work) => this.evaluateRun.execute(work));
  }
}
