import { mayHaveGpu } from '@factory/engines';
import { StageClaims } from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import {
  LOGGER,
  OBJECT_STORE,
  RulesInUse,
  RulesModule,
  SERVICE_CONFIG,
  ServiceMetrics,
} from '@factory/service-kit';
import { StageModule } from '@factory/stage';
import { Inject, Injectable, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { DatasetMemory } from './dataset-memory';
import { PlanRun } from './plan-run';
import { PlanningThread } from './planning-thread';
import { QueueGroups } from './queue-groups';
import { reportGroup } from './report-group';
import { RunGroup } from './run-group';
import { TrainGroup } from './train-group';
import type { TrainerConfig } from './trainer.config';
import { TrainerConsumer } from './trainer.consumer';
import { BatchedRunner } from './workers/batched-runner';
import { ChosenRunner } from './workers/chosen-runner';
import { TrialPool } from './workers/trial-pool';

/** Starts the worker threads before the first message, and ends them after the last. */
@Injectable()
class PoolLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly trials: ChosenRunner,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SERVICE_CONFIG) private readonly config: TrainerConfig,
  ) {}

  async onModuleInit(): Promise<void> {
    const choice = await this.trials.start();
    this.logger.info(
      { ...choice, workers: this.config.WORKERS, pools: this.config.POOLS },
      'training engine',
    );
  }

  onApplicationShutdown(): Promise<void> {
    return this.trials.close();
  }
}

@Module({
  imports: [StageModule, RulesModule],
  controllers: [TrainerConsumer],
  providers: [
    PoolLifecycle,
    { provide: PlanningThread, useFactory: () => new PlanningThread() },
    {
      provide: ChosenRunner,
      inject: [SERVICE_CONFIG],
      useFactory: ({ WORKERS: workers, ENGINE, TFJS_NATIVE_DIR: nativeDir }: TrainerConfig) => {
        const isGpuForced = ENGINE === 'gpu';
        const wantsGpu = isGpuForced || (ENGINE === 'auto' && mayHaveGpu(nativeDir));
        return new ChosenRunner(
          new TrialPool({ workers, engine: isGpuForced ? 'auto' : ENGINE, nativeDir }),
          wantsGpu ? new BatchedRunner({ nativeDir }) : undefined,
          isGpuForced,
          () => performance.now(),
        );
      },
    },
    {
      provide: DatasetMemory,
      inject: [SERVICE_CONFIG, LOGGER],
      useFactory: ({ MAX_DATASET_BYTES }: TrainerConfig, logger: Logger) =>
        new DatasetMemory(MAX_DATASET_BYTES, (stated) => logger.info(stated, 'memory for a dataset')),
    },
    {
      provide: QueueGroups,
      inject: [OBJECT_STORE, PlanningThread, DatasetMemory, RulesInUse],
      useFactory: (store: ObjectStore, thread: PlanningThread, memory: DatasetMemory, rules: RulesInUse) =>
        new QueueGroups(store, new PlanRun(store, thread, memory), rules),
    },
    {
      provide: RunGroup,
      inject: [
        OBJECT_STORE,
        PlanningThread,
        DatasetMemory,
        ChosenRunner,
        StageClaims,
        ServiceMetrics,
        LOGGER,
      ],
      useFactory: (
        store: ObjectStore,
        thread: PlanningThread,
        memory: DatasetMemory,
        trials: ChosenRunner,
        claims: StageClaims,
        metrics: ServiceMetrics,
        logger: Logger,
      ) =>
        new RunGroup(
          store,
          new TrainGroup(store, thread, memory, trials),
          claims,
          reportGroup(metrics, logger),
        ),
    },
  ],
})
export class TrainerModule {}
