import { Champions, ModelStates, RunRecord } from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import { ChampionRepair } from '@factory/registry';
import { OBJECT_STORE, SERVICE_CONFIG, type ServiceConfig } from '@factory/service-kit';
import { StageModule } from '@factory/stage';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PackingThread } from './packing/packing-thread';
import { PublishModel } from './publish-model';
import { PublisherConsumer } from './publisher.consumer';
import { RepairAtStart } from './repair-at-start';

@Module({
  imports: [StageModule],
  controllers: [PublisherConsumer],
  providers: [
    RepairAtStart,
    PackingThread,
    {
      provide: Champions,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new Champions(dataSource),
    },
    {
      provide: ChampionRepair,
      inject: [OBJECT_STORE, Champions],
      useFactory: (store: ObjectStore, champions: Champions) => new ChampionRepair(store, champions),
    },
    {
      provide: PublishModel,
      inject: [OBJECT_STORE, Champions, ChampionRepair, PackingThread, DataSource, SERVICE_CONFIG],
      useFactory: (
        store: ObjectStore,
        champions: Champions,
        repair: ChampionRepair,
        packing: PackingThread,
        dataSource: DataSource,
        { CODE_VERSION: codeVersion }: ServiceConfig,
      ) => {
        const record = new RunRecord(dataSource);
        const states = new ModelStates(dataSource);
        return new PublishModel({ store, champions, states, record, repair, packing, codeVersion });
      },
    },
  ],
})
export class PublisherModule {}
