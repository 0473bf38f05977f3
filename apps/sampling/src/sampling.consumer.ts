import { consumerOf } from '@factory/contracts';
import { OnConsumer, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { SourcePatience, StageRunner } from '@factory/stage';
import { Controller } from '@nestjs/common';
import { SampleRun } from './sample-run';

/** Draws the visits of a prepared run and writes its dataset. */
@Controller()
export class SamplingConsumer {
  constructor(
    private readonly sampleRun: SampleRun,
    private readonly runner: StageRunner,
    private readonly patience: SourcePatience,
  ) {}

  @OnConsumer(consumerOf('sampling').durable)
  draw(message: JetStreamMessage): Promise<HandlerOutcome> {
    const options = { sources: this.patience };
    return this.runner.run('sampling', message, (work) => this.sampleRun.execute(work), options);
  }
}
