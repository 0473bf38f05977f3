import 'reflect-metadata';
import { consumerOf } from '@factory/contracts';
import { Slots, type Binding } from '@factory/messaging';
import { bootService } from '@factory/service-kit';
import { trainerConfig } from './trainer.config';
import { TRIALS_PATTERN } from './trainer.consumer';
import { TrainerModule } from './trainer.module';

const plan = consumerOf('trainer-plan');

void bootService({
  name: 'trainer',
  configSchema: trainerConfig,
  module: TrainerModule,
  bindings: (config): Binding[] => {
    // All pools share the workers: never pull more than can be trained at the same time.
    const workers = new Slots(config.WORKERS);
    return [
      { consumer: plan, pattern: plan.durable, slots: new Slots(1) },
      ...config.POOLS.map((pool) => ({
        consumer: consumerOf('trials', pool),
        pattern: TRIALS_PATTERN,
        slots: workers,
      })),
    ];
  },
});
