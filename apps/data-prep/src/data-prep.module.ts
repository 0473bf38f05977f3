import { Policies, RequestAttempts, Requests } from '@factory/ledger';
import { SERVICE_CONFIG } from '@factory/service-kit';
import { SourceAccess } from '@factory/source';
import { Announcer, SourcePatience, SourcesModule, StageModule } from '@factory/stage';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { DataPrepConfig } from './data-prep.config';
import { DataPrepConsumer } from './data-prep.consumer';
import { PrepareData } from './prepare-data';
import { SweeperModule } from './sweeper.module';
import { TakeRequest } from './take-request';

@Module({
  imports: [StageModule, SourcesModule, SweeperModule],
  controllers: [DataPrepConsumer],
  providers: [
    {
      provide: PrepareData,
      inject: [SourceAccess],
      useFactory: (sources: SourceAccess) => new PrepareData(sources),
    },
    {
      provide: RequestAttempts,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new RequestAttempts(dataSource),
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
          sources,
          announcer,
          patience,
          now: () => new Date(),
        }),
    },
  ],
})
export class DataPrepModule {}
