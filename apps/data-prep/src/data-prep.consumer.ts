import { consumerOf, REQUESTS_CONSUMER } from '@factory/contracts';
import { OnConsumer, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { SourcePatience, StageRunner } from '@factory/stage';
import { Controller } from '@nestjs/common';
import { HandleRequest } from './handle-request';
import { PrepareRun } from './prepare-run';

/** Turns requests into runs; chooses the window of queued runs and checks their input. */
@Controller()
export class DataPrepConsumer {
  constructor(
    private readonly handleRequest: HandleRequest,
    private readonly prepareRun: PrepareRun,
    private readonly runner: StageRunner,
    private readonly patience: SourcePatience,
  ) {}

  @OnConsumer(REQUESTS_CONSUMER.durable)
  request(message: JetStreamMessage): Promise<HandlerOutcome> {
    return this.handleRequest.execute(message);
  }

  @OnConsumer(consumerOf('data-prep').durable)
  prepare(message: JetStreamMessage): Promise<HandlerOutcome> {
    const options = { sources: this.patience };
    return this.runner.run('data-prep', message, (work) => this.prepareRun.execute(work), options);
  }
}
