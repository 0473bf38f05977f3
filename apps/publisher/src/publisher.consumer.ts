import { consumerOf } from '@factory/contracts';
import { OnConsumer, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { StageRunner } from '@factory/stage';
import { Controller } from '@nestjs/common';
import { PublishModel } from './publish-model';

/** Receives verdicts and publishes promoted models. */
@Controller()
export class PublisherConsumer {
  constructor(
    private readonly runner: StageRunner,
    private readonly model: PublishModel,
  ) {}

  @OnConsumer(consumerOf('publisher').durable)
  publish(message: JetStreamMessage): Promise<HandlerOutcome> {
    return this.runner.run('publisher', message, (work) => this.model.execute(work), {
      afterCommit: (key, work) => this.model.afterCommit(key, work),
    });
  }
}
