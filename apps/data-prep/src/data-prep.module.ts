import { ModelStates, Policies, RequestAttempts, Requests, championData } from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import { OBJECT_STORE, RulesInUse, RulesModule, SERVICE_CONFIG } from '@factory/service-kit';
import { SourceAccess } from '@factory/source';
import { Announcer, SourcePatience, SourcesModule, StageModule } from '@factory/stage';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { DataPrepConfig } from './data-prep.config';
import { DataPrepConsumer } from './data-prep.consumer';
import { HandleRequest } from './handle-request';
import { PrepareData } from './prepare-data';
import { PrepareRun } from './prepare-run';
import { SweeperModule } from './sweeper.module';
import { TakeRequest } from './take-request';

@Module({
  imports: [StageModule, RulesModule, SourcesModule, SweeperModule],
  controllers: [DataPrepConsumer],
  providers: [
    {
      provide: PrepareRun,
      inject: [SourceAccess, OBJECT_STORE, DataSource, RulesInUse],
      useFactory: (sources: SourceAccess, store: ObjectStore, ledger: DataSource, rules: RulesInUse) =>
        new PrepareRun(
          new PrepareData(sources, {
            champion: (key) => championData(ledger, key),
            rules,
          }),
          store,
          new ModelStates(ledger),
        ),
    },
    {
      provide: HandleRequest,
      inject: [TakeRequest, DataSource],
      useFactory: (takeRequest: TakeRequest, dataSource: DataSource) =>
        new HandleRequest(takeRequest, new RequestAttempts(dataSource)),
    },
    {
      provide: TakeRequest,
      inject: [DataSource, SourceAccess, Announcer, SourcePatience, SERVICE_CONFIG],
      useFactory: (
        dataSource: DataSource,
        sources: SourceAccess,
        announcer: Announcer,
        patience: SourcePatience,
        config: DataPrepConfig,
      ) =>
        new TakeRequest({
          requests: new Requests(dataSource, config.CODE_VERSION),
          policies: new Policies(dataSource),
          states: new ModelStates(dataSource),
          sources,
          announcer,
          patience,
          now: () => new Date(),
        }),
    },
  ],
})
export class DataPrepModule {}
