import { SERVICE_CONFIG, SourcesModule, StageModule } from '@factory/service-kit';
import { SourceAccess } from '@factory/sql';
import { Module } from '@nestjs/common';
import { DrawSample } from './draw-sample';
import type { SamplingConfig } from './sampling.config';
import { SamplingConsumer } from './sampling.consumer';

@Module({
  imports: [StageModule, SourcesModule],
  controllers: [SamplingConsumer],
  providers: [
    {
      provide: DrawSample,
      inject: [SourceAccess, SERVICE_CONFIG],
      useFactory: (sources: SourceAccess, config: SamplingConfig) =>
        new DrawSample(sources, config.VISITOR_HASH_KEY),
    },
  ],
})
export class SamplingModule {}
