import { SERVICE_CONFIG } from '@factory/service-kit';
import { SourceAccess } from '@factory/source';
import { SourcesModule, StageModule } from '@factory/stage';
import { Module } from '@nestjs/common';
import { DatasetThreads } from './dataset-threads';
import { DrawSample } from './draw-sample';
import type { SamplingConfig } from './sampling.config';
import { SamplingConsumer } from './sampling.consumer';

@Module({
  imports: [StageModule, SourcesModule],
  controllers: [SamplingConsumer],
  providers: [
    DatasetThreads,
    {
      provide: DrawSample,
      inject: [SourceAccess, SERVICE_CONFIG, DatasetThreads],
      useFactory: (sources: SourceAccess, config: SamplingConfig, workers: DatasetThreads) =>
        new DrawSample(sources, config.VISITOR_HASH_KEY, workers),
    },
  ],
})
export class SamplingModule {}
