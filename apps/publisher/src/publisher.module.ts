import type { ObjectStore } from '@factory/object-store';
import { LOGGER, OBJECT_STORE, StageModule } from '@factory/service-kit';
import { Champions, RunRecord } from '@factory/sql';
import { Inject, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { ChampionRepair } from './champion-repair';
import { PublisherConsumer } from './publisher.consumer';

/** At start, pointers that an earlier process did not get to write are put right. */
@Injectable()
class RepairAtStart implements OnApplicationBootstrap {
  constructor(
    private readonly repair: ChampionRepair,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.repair.repairAll().then(
      (repaired) => repaired.length > 0 && this.logger.warn({ repaired }, 'champion pointers repaired'),
      (err: unknown) => this.logger.warn({ err }, 'champion pointers were not checked'),
    );
  }
}

@Module({
  imports: [StageModule],
  controllers: [PublisherConsumer],
  providers: [
    RepairAtStart,
    {
      provide: Champions,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new Champions(dataSource),
    },
    {
      provide: RunRecord,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new RunRecord(dataSource),
    },
    {
      provide: ChampionRepair,
      inject: [OBJECT_STORE, Champions],
      useFactory: (store: ObjectStore, champions: Champions) => new ChampionRepair(store, champions),
    },
  ],
})
export class PublisherModule {}
