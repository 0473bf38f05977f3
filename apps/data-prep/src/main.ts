import 'reflect-metadata';
import { consumerOf, REQUESTS_CONSUMER } from '@factory/contracts';
import { Slots } from '@factory/messaging';
import { bootService } from '@factory/service-kit';
import { dataPrepConfig } from './data-prep.config';
import { DataPrepModule } from './data-prep.module';

void bootService({
  name: 'data-prep',
  configSchema: dataPrepConfig,
  module: DataPrepModule,
  bindings: (config) => [
    { consumer: REQUESTS_CONSUMER, pattern: REQUESTS_CONSUMER.durable, slots: new Slots(1) },
    {
      consumer: consumerOf('data-prep'),
      pattern: consumerOf('data-prep').durable,
      slots: new Slots(config.CONCURRENCY),
    },
  ],
});
