import { Champions, RunRecord } from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import { OBJECT_STORE, RulesInUse, RulesModule, SERVICE_CONFIG } from '@factory/service-kit';
import { SourceAccess } from '@factory/source';
import { SourcesModule, StageModule } from '@factory/stage';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ChampionProfiles } from './champion-profile';
import { DatasetThreads } from './dataset-threads';
import { DrawSample } from './draw-sample';
import { SampleRun } from './sample-run';
import type { SamplingConfig } from './sampling.config';
import { SamplingConsumer } from './sampling.consumer';

@Module({
  imports: [StageModule, RulesModule, SourcesModule],
  controllers: [SamplingConsumer],
  providers: [
    DatasetThreads,
    {
      provide: DrawSample,
      inject: [SourceAccess, SERVICE_CONFIG, DatasetThreads],
      useFactory: (sources: SourceAccess, config: SamplingConfig, workers: DatasetThreads) =>
        new DrawSample(sources, config.VISITOR_HASH_KEY, workers),
    },
    {
      provide: SampleRun,
      inject: [DrawSample, DatasetThreads, OBJECT_STORE, RulesInUse, DataSource],
      useFactory: (
        drawSample: DrawSample,
        workers: DatasetThreads,
        store: ObjectStore,
        rules: RulesInUse,
        dataSource: DataSource,
      ) =>
        new SampleRun(
          drawSample,
          workers,
          store,
          rules,
          new ChampionProfiles(new Champions(dataSource), new RunRecord(dataSource), store, workers),
        ),
    },
  ],
})
export class SamplingModule {}
