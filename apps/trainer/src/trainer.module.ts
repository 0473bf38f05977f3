import type { ObjectStore } from '@factory/object-store';
import { LOGGER, OBJECT_STORE, SERVICE_CONFIG, StageModule } from '@factory/service-kit';
import { Inject, Injectable, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { DatasetCache } from './dataset-cache';
import { PlanRun } from './plan-run';
import { PlanningThread } from './planning-thread';
import { TrainGroup } from './train-group';
import type { TrainerConfig } from './trainer.config';
import { TrainerConsumer } from './trainer.consumer';
import { TrialPool } from './workers/trial-pool';

/** Starts the worker threads before the first message, and ends them after the last. */
@Injectable()
class PoolLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly pool: TrialPool,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SERVICE_CONFIG) private readonly config: TrainerConfig,
  ) {}

  async onModuleInit(): Promise<void> {
    const engine = await this.pool.start();
    this.logger.info({ engine, workers: this.config.WORKERS, pools: this.config.POOLS }, 'training engine');
  }

  onApplicationShutdown(): Promise<void> {
    return this.pool.close();
  }
}

@Module({
  imports: [StageModule],
  controllers: [TrainerConsumer],
  providers: [
    PoolLifecycle,
    PlanningThread,
    {
      provide: TrialPool,
      inject: [SERVICE_CONFIG],
      useFactory: (config: TrainerConfig) =>
        new TrialPool({ workers: config.WORKERS, engine: config.ENGINE }),
    },
    {
      provide: PlanRun,
      inject: [OBJECT_STORE, PlanningThread],
      useFactory: (store: ObjectStore, thread: PlanningThread) => new PlanRun(store, thread),
    },
    {
      provide: TrainGroup,
      inject: [OBJECT_STORE, PlanningThread, TrialPool, SERVICE_CONFIG],
      useFactory: (store: ObjectStore, thread: PlanningThread, pool: TrialPool, config: TrainerConfig) =>
        new TrainGroup(
          store,
          thread,
          new DatasetCache(config.MAX_DATASET_BYTES),
          pool,
          config.MAX_DATASET_BYTES,
        ),
    },
  ],
})
export class TrainerModule {}
