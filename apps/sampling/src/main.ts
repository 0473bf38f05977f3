import 'reflect-metadata';
import { consumerOf } from '@factory/contracts';
import { Slots } from '@factory/messaging';
import { bootService } from '@factory/service-kit';
import { samplingConfig } from './sampling.config';
import { SamplingModule } from './sampling.module';

const consumer = consumerOf('sampling');

void bootService({
  name: 'sampling',
  configSchema: samplingConfig,
  module: SamplingModule,
  bindings: (config) => [{ consumer, pattern: consumer.durable, slots: new Slots(config.CONCURRENCY) }],
});
