import 'reflect-metadata';
import { consumerOf, REQUESTS_CONSUMER } from '@factory/contracts';
import { Slots } from '@factory/messaging';
import { bootService } from '@factory/service-kit';
import { dataPrepConfig } from './data-prep.config';
import { DataPrepModule } from './data-prep.module';

/** Listing the products of one source may take long: requests for other sources are taken in the meantime. */
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
