import 'reflect-metadata';
import { consumerOf, REQUESTS_CONSUMER } from '@factory/contracts';
import { Slots } from '@factory/messaging';
import { bootService } from '@factory/service-kit';
import { dataPrepConfig } from './data-prep.config';
import { DataPrepModule } from './data-prep.module';

/** One source's list of products may take long: requests for others are taken meanwhile. */
const REQUESTS_AT_ONCE = 4;

void bootService({
  name: 'data-prep',
  configSchema: dataPrepConfig,
  module: DataPrepModule,
  bindings: (config) => [
    { consumer: REQUESTS_CONSUMER, pattern: REQUESTS_CONSUMER.durable, slots: new Slots(REQUESTS_AT_ONCE) },
    {
      consumer: consumerOf('data-prep'),
      pattern: consumerOf('data-prep').durable,
      slots: new Slots(config.CONCURRENCY),
    },
  ],
});
