import { consumerOf } from '@factory/contracts';
import { OnConsumer, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { StageRunner } from '@factory/stage';
import { Controller } from '@nestjs/common';
import { QueueGroups } from './queue-groups';
import { RunGroup } from './run-group';

/** Pattern of the handler for trial groups of any pool. */
export const TRIALS_PATTERN = 'trials';

/** Plans the grid of a drawn run, trains its groups, gathers them. */
@Controller()
export class TrainerConsumer {
  constructor(
    private readonly queueGroups: QueueGroups,
    private readonly runGroup: RunGroup,
    private readonly runner: StageRunner,
  ) {}

  @OnConsumer(consumerOf('trainer-plan').durable)
  plan(message: JetStreamMessage): Promise<HandlerOutcome> {
    return this.runner.run('trainer-plan', message, (work) => this.queueGroups.execute(work));
  }

  @OnConsumer(TRIALS_PATTERN)
  train(message: JetStreamMessage): Promise<HandlerOutcome> {
    return this.runner.run('trials', message, (work) => this.runGroup.execute(work), {
      settleFailed: (sql, header, claim, error) => this.runGroup.giveUp(sql, header, claim, error),
    });
  }
}
