import 'reflect-metadata';
import { consumerOf } from '@factory/contracts';
import { Slots } from '@factory/messaging';
import { bootService } from '@factory/service-kit';
import { publisherConfig } from './publisher.config';
import { PublisherModule } from './publisher.module';

const consumer = consumerOf('publisher');

void bootService({
  name: 'publisher',
  configSchema: publisherConfig,
  module: PublisherModule,
  bindings: (config) => [{ consumer, pattern: consumer.durable, slots: new Slots(config.CONCURRENCY) }],
});
